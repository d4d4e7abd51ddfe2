// Where the scanning thread starts. A thread has no compile cache unless it asks for one, and without it reading the
// modules takes longer than a small scan. Plain JavaScript, and the import comes after: what is read before the cache
// is on is not cached.
import { enableCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

enableCompileCache()
const { runScan } = await import('./run.ts')
await runScan(workerData, (message, transfer) => parentPort.postMessage(message, transfer))
