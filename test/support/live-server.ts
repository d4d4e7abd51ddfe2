/** Real servers on 127.0.0.1 for session and runner tests; the kernel picks the port, `await using` closes them. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'

export interface LiveServer extends AsyncDisposable {
  readonly port: number
  /** Connections accepted so far, and the most that were open at one time. */
  readonly accepted: number
  readonly peak: number
}

async function listen(server: Server): Promise<LiveServer> {
  const open = new Set<Socket>()
  let accepted = 0
  let peak = 0
  server.on('connection', (socket: Socket) => {
    accepted++
    open.add(socket)
    peak = Math.max(peak, open.size)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
  })
  server.on('tlsClientError', () => {})
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    get accepted() {
      return accepted
    },
    get peak() {
      return peak
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const tcpServer = (talk: (socket: Socket) => void): Promise<LiveServer> =>
  listen(createServer({ noDelay: true }, (socket) => talk(socket.on('error', () => {}))))

/** A server that greets, and answers every chunk it gets with what `reply` says (null: silence). */
export const talkingServer = (
  greeting: string | Uint8Array | null,
  reply: (asked: Buffer) => string | Uint8Array | null = () => null,
): Promise<LiveServer> =>
  tcpServer((socket) => {
    if (greeting !== null) socket.write(greeting)
    socket.on('data', (asked: Buffer) => {
      const answer = reply(asked)
      if (answer !== null) socket.write(answer)
    })
  })

const pem = (file: string) => readFileSync(path.join(import.meta.dirname, 'certificates', file))
export const certificate = (name: 'server' | 'expired' | 'kubelet' = 'server') => ({
  cert: pem(`${name}.pem`),
  key: pem(`${name}.key`),
})

export const tlsServer = (talk: (socket: TLSSocket) => void, options: TlsOptions = {}): Promise<LiveServer> =>
  listen(createTlsServer({ ...certificate(), ...options }, (socket) => talk(socket.on('error', () => {}))))

export interface LiveUdpServer extends AsyncDisposable {
  readonly port: number
}

export async function udpServer(
  talk: (bytes: Buffer, from: RemoteInfo, socket: UdpSocket) => void,
): Promise<LiveUdpServer> {
  const socket = createSocket('udp4')
  socket.on('message', (bytes, from) => talk(bytes, from, socket))
  await once(socket.bind(0, '127.0.0.1'), 'listening')
  return {
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    },
  }
}
