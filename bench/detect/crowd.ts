/**
 * The other side of `thousand.ts`: many servers of every kind on loopback addresses, one port each, in a process of its own.
 *
 *   node bench/detect/crowd.ts COUNT SILENT      prints `ready`, lives until its standard input ends
 *
 * SILENT of a hundred endpoints accept and say nothing. Of eight others five replay a recorded server, one closes at
 * once, one greets in words nobody knows, one speaks TLS and HTTP inside it.
 */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { PROTOCOLS } from '../../packages/core/src/detect/protocols.ts'
import { type Fixture, fixturesOf } from '../../test/support/fixture.ts'
import { certificate } from '../../test/support/live-server.ts'

export const CROWD_PORT = 20_777
/** The address of the nth endpoint. */
export const crowdAddress = (n: number): string => `127.77.${n >> 8}.${n & 255}`

const recordings = (): Fixture[] =>
  PROTOCOLS.filter(({ transport }) => transport === 'tcp')
    .flatMap(({ name }) => fixturesOf(name))
    .filter((fixture) => fixture.expect !== null && !fixture.tls)

/** Says what the recording says to a question that begins like the recorded one, nothing to any other. */
function replay(socket: Socket, { exchange }: Fixture): void {
  for (const { send, reply } of exchange) if (send === null) socket.write(reply)
  socket.on('data', (asked: Buffer) => {
    const known = exchange.find(({ send }) => send !== null && asked.subarray(0, 4).equals(send.subarray(0, 4)))
    if (known !== undefined) socket.write(known.reply)
  })
}

const WORDS = 'Ahoy there, state your business\r\n'
const PAGE = 'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'

function serverOf(n: number, recorded: readonly Fixture[], silent: number): Server {
  // The silent ones lie evenly among the others.
  const silentBefore = Math.floor((n * silent) / 100)
  if (Math.floor(((n + 1) * silent) / 100) > silentBefore)
    return createServer((socket) => socket.on('error', () => {}).resume())
  const speaking = n - silentBefore
  const kind = speaking % 8
  if (kind === 7)
    return createTlsServer(certificate(), (socket) => socket.on('error', () => {}).once('data', () => socket.end(PAGE)))
  return createServer((socket) => {
    socket.on('error', () => {})
    const fixture = recorded[speaking % recorded.length]
    if (kind < 5 && fixture !== undefined) replay(socket, fixture)
    else if (kind === 5) socket.end()
    else socket.resume().write(WORDS)
  })
}

if (import.meta.main) {
  const recorded = recordings()
  const [count = 1000, silent = 20] = process.argv.slice(2).map(Number)
  for (let n = 0; n < count; n++)
    await once(serverOf(n, recorded, silent).listen(CROWD_PORT, crowdAddress(n), 1024), 'listening')
  process.stdout.write('ready\n')
  process.stdin.resume().on('end', () => process.exit(0))
}
