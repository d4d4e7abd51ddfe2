/**
 * The other side of `thousand.ts`: many servers of every kind on loopback addresses, one port each, in a process of its own.
 *
 *   node bench/detect/crowd.ts COUNT      prints `ready`, lives until its standard input ends
 *
 * Of ten endpoints five replay a recorded server, two accept and say nothing, one closes at once, one greets in words
 * nobody knows, one speaks TLS and HTTP inside it.
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

function serverOf(n: number, recorded: readonly Fixture[]): Server {
  const kind = n % 10
  if (kind === 9)
    return createTlsServer(certificate(), (socket) => socket.on('error', () => {}).once('data', () => socket.end(PAGE)))
  return createServer((socket) => {
    socket.on('error', () => {})
    const fixture = recorded[Math.floor(n / 2) % recorded.length]
    if (kind < 5 && fixture !== undefined) replay(socket, fixture)
    else if (kind < 7) socket.resume()
    else if (kind === 7) socket.end()
    else socket.resume().write(WORDS)
  })
}

if (import.meta.main) {
  const recorded = recordings()
  for (let n = 0; n < Number(process.argv[2] ?? 1000); n++)
    await once(serverOf(n, recorded).listen(CROWD_PORT, crowdAddress(n), 1024), 'listening')
  process.stdout.write('ready\n')
  process.stdin.resume().on('end', () => process.exit(0))
}
