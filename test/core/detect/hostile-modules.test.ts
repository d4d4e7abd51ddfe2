/** Every TCP module alone against servers that mean harm, on its own port: it ends in its time, and says little. */
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import type { Protocol } from '#core/detect/protocol.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { fixturesOf } from '#test/support/fixture.ts'
import { tcpServer } from '#test/support/live-server.ts'

/** Milliseconds an endpoint may take; a loaded machine may add much before the test complains. */
const TIME = 3000
const MODULES = PROTOCOLS.filter(({ transport, insideTls }) => transport === 'tcp' && insideTls !== 'only')

/** Writes pieces for as long as the other side reads. */
function flood(socket: Socket, piece: Uint8Array): void {
  const more = () => socket.writable && socket.write(piece, more)
  more()
}
const recorded = ({ name }: Protocol): Uint8Array =>
  fixturesOf(name)
    .flatMap(({ exchange }) => exchange)
    .find(({ reply }) => reply.length > 0)?.reply ?? Uint8Array.of(0)

const BEHAVIOURS: Readonly<Record<string, (socket: Socket, own: Uint8Array) => void>> = {
  'its own answer without end': (socket, own) =>
    flood(socket, Buffer.alloc(Math.ceil(4096 / own.length) * own.length, own)),
  'its own answer, half of it, and no more': (socket, own) =>
    socket.once('data', () => socket.write(own.subarray(0, Math.ceil(own.length / 2)))),
  'its own answer with every length at its most': (socket, own) =>
    socket.on('data', () => socket.write(Buffer.concat([own.subarray(0, 4), Buffer.alloc(own.length + 64, 0xff)]))),
  'nothing but zeros': (socket) => flood(socket, Buffer.alloc(4096)),
  'a byte now and then': (socket, own) => {
    let at = 0
    const timer = setInterval(() => socket.write(own.subarray(at, ++at)), 50)
    socket.on('close', () => clearInterval(timer))
  },
}

test.each(Object.entries(BEHAVIOURS))('%s', { timeout: 120_000 }, async (_, behave) => {
  await Promise.all(
    MODULES.map(async (module) => {
      const own = recorded(module)
      await using server = await tcpServer((socket) => behave(socket, own))
      const detector = createDetector({
        mode: 'light',
        timeout: TIME,
        protocols: [{ ...module, ports: [server.port] }],
      })
      const limit = AbortSignal.timeout(TIME * 20)
      const detection = await detector.detect({ address: '127.0.0.1', port: server.port, transport: 'tcp' })
      expect(limit.aborted, module.name).toBe(false)
      expect(JSON.stringify(detection).length, module.name).toBeLessThan(64_000)
    }),
  )
})
