/**
 * How long ports take that accept everything and answer nothing: the most that an endpoint costs.
 *
 *   npm exec -- node bench/detect/silent.ts [--count 50] [--mode default]
 */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { parseArgs } from 'node:util'
import { createDetector } from '../../packages/core/src/detect/detect.ts'
import type { Mode } from '../../packages/core/src/detect/plan.ts'

const { values } = parseArgs({
  options: { count: { type: 'string', default: '50' }, mode: { type: 'string', default: 'default' } },
})
let connections = 0
const servers = Array.from({ length: Number(values.count) }, () =>
  createServer((socket) => {
    connections++
    socket.on('error', () => {}).resume()
  }).listen(0, '127.0.0.1'),
)
await Promise.all(servers.map((server) => server.listening || once(server, 'listening')))

// because parseArgs knows no literal types; a wrong word fails at once in LIMITS
const detector = createDetector({ mode: values.mode as Mode })
const started = performance.now()
const seconds = await Promise.all(
  servers.map(async (server) => {
    // because a server on a TCP port has an address of this kind
    const { port } = server.address() as AddressInfo
    await detector.detect({ address: '127.0.0.1', port, transport: 'tcp' })
    return (performance.now() - started) / 1000
  }),
)
seconds.sort((a, b) => a - b)
const at = (share: number) => (seconds[Math.floor((seconds.length - 1) * share)] ?? 0).toFixed(1)
console.log(
  `${seconds.length} silent ports of one host, mode ${values.mode}: median ${at(0.5)} s, slowest ${at(1)} s, ${Math.round(connections / seconds.length)} connections each`,
)
for (const server of servers) server.close()
process.exit(0)
