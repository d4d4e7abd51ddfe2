/** Run by connect-limits.test.ts in a process with few file descriptors: scans a range and prints what it found. */
import { createConnectEngine } from '#core/engine/connect-engine.ts'
import { setOf } from '#core/target/address-set.ts'
import { createProbeSpace } from '#core/target/create-probe-space.ts'

const [variant, first, last] = process.argv.slice(2)
const addresses = setOf([{ first: 0x7f000001n, last: 0x7f000001n }])
const ports = [{ first: Number(first), last: Number(last) }]
const space = createProbeSpace({ addresses, ports, transport: 'tcp', seed: 1 })
const engine = createConnectEngine({ variant: variant === 'node' ? 'node' : 'epoll', sockets: 5000 })
const counts = { open: 0, closed: 0, filtered: 0 }
for await (const batch of engine.scan(
  { space, from: 0, to: space.size, record: 'open' },
  new AbortController().signal,
)) {
  counts.open += batch.counts.open
  counts.closed += batch.counts.closed
  counts.filtered += batch.counts.filtered
}
console.log(JSON.stringify(counts))
