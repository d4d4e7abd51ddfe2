// Where the scanning thread starts. A thread has no compile cache unless it asks for one, and without it reading the
// modules takes longer than a small scan. Plain JavaScript, and the import comes after: what is read before the cache
// is on is not cached.
import { enableCompileCache } from 'node:module'
import { parentPort } from 'node:worker_threads'

enableCompileCache()
const { runScan } = await import('./run.ts')
// One scan after the other. What is thrown ends the thread.
parentPort.on('message', (data) => runScan(data, (message, transfer) => parentPort.postMessage(message, transfer)))
