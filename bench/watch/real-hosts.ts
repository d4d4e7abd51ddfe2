/**
 * The servers of a changing network. Each line that comes in is the network as it is to be, in JSON; a line goes out when
 * it is.
 *
 *   node bench/watch/real-hosts.ts SOCKET
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createWebServer, type Server as WebServer } from 'node:https'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Network, Server } from './changing-network.ts'

const certificates = ['server', 'expired'].map((name) => {
  const file = (end: string) =>
    readFileSync(path.join(import.meta.dirname, `../../test/support/certificates/${name}.${end}`))
  return { key: file('key'), cert: file('pem') }
})

type Running = { update(to: Server): void; close(): Promise<unknown> }
const running = new Map<string, Running>()

async function start(server: Server): Promise<Running> {
  let now = server
  const context = () => certificates[now.certificate ?? 0] ?? {}
  const web: WebServer | null =
    server.certificate === null ? null : createWebServer(context(), (_, response) => response.end('hello'))
  const greeter = () => createServer((socket) => socket.end(`SSH-2.0-OpenSSH_9.${now.version}p1\r\n`))
  const listener: NetServer = web ?? greeter()
  const sockets = new Set<Socket>()
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  web?.on('tlsClientError', () => {})
  listener.listen(server.port, server.ip)
  await once(listener, 'listening')
  return {
    update(to) {
      now = to
      web?.setSecureContext(context())
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((done) => listener.close(done))
    },
  }
}

async function become(network: Network): Promise<void> {
  const wanted = new Map(network.map((server) => [`${server.ip}:${server.port}`, server]))
  for (const [key, { close }] of running) {
    if (wanted.has(key)) continue
    running.delete(key)
    await close()
  }
  for (const [key, server] of wanted) {
    const known = running.get(key)
    if (known === undefined) running.set(key, await start(server))
    else known.update(server)
  }
}

const control = createServer(async (socket) => {
  for await (const line of createInterface(socket)) {
    await become(JSON.parse(line))
    socket.write('done\n')
  }
})
control.listen(process.argv[2])
