// Where the scanning thread starts. A thread has no compile cache unless it asks for one, and without it reading the
// modules takes longer than a small scan. Plain JavaScript, and the import comes after: what is read before the cache
// is on is not cached.
import { enableCompileCache } from 'node:module'
import { parentPort } from 'node:worker_threads'

enableCompileCache()
const { runScan } = await import('./run.ts')

// Milliseconds. A program that has had its only scan ends sooner, and no job follows another so fast.
const REST = 20
let tidying

// One scan after the other. What is thrown ends the thread.
parentPort.on('message', async (data) => {
  clearTimeout(tidying)
  await runScan(data, (message, transfer) => parentPort.postMessage(message, transfer))
  tidying = setTimeout(tidy, REST)
})

// What the last scan held, tables of tens of megabytes, is garbage that nobody would collect before the next one needs as much
// again. Only V8 can be asked to, and only so: a thread cannot be started with flags of its own.
async function tidy() {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')])
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
