/** Three servers of a small network, whose administrator changes things: SSH, a website with TLS, and telnet. */
import { once } from 'node:events'
import { createServer as createWebServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { certificate } from '../../test/support/live-server.ts'

export const HOST = '127.0.0.1'

export interface Servers extends AsyncDisposable {
  readonly ports: Readonly<Record<'ssh' | 'https' | 'telnet', number>>
  upgradeSsh(): void
  renewCertificate(): void
  openTelnet(): Promise<void>
  closeTelnet(): Promise<void>
}

const LOGIN = Buffer.concat([Buffer.from([0xff, 0xfd, 24, 0xff, 0xfd, 32, 0xff, 0xfd, 35]), Buffer.from('\r\nlogin: ')])

/** All three are open at first: nobody else takes their ports. The website shows a certificate that has expired. */
export async function startServers(): Promise<Servers> {
  let version = '8.4p1'
  const ssh = createServer((socket) => socket.end(`SSH-2.0-OpenSSH_${version}\r\n`))
  const web = createWebServer(certificate('expired'), (_, response) =>
    response.setHeader('Server', 'nginx/1.26.2').end('hello'),
  )
  const telnet = createServer((socket) => socket.write(LOGIN))
  const [openSsh, openWeb] = [await open(ssh), await open(web)]
  let openTelnet: Open | null = await open(telnet)
  const { port } = openTelnet
  const closeTelnet = async () => {
    await openTelnet?.close()
    openTelnet = null
  }
  return {
    ports: { ssh: openSsh.port, https: openWeb.port, telnet: port },
    upgradeSsh() {
      version = '9.9p1'
    },
    renewCertificate: () => web.setSecureContext(certificate('server')),
    async openTelnet() {
      openTelnet = await open(telnet, port)
    },
    closeTelnet,
    async [Symbol.asyncDispose]() {
      await closeTelnet()
      await openSsh.close()
      await openWeb.close()
    },
  }
}

type Open = { readonly port: number; close(): Promise<unknown> }

async function open(server: Server, port = 0): Promise<Open> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  server.on('connection', keep).listen(port, HOST)
  await once(server, 'listening')
  // because a server that listens on TCP has this kind of address
  const address = server.address() as AddressInfo
  return {
    port: address.port,
    close() {
      server.off('connection', keep)
      for (const socket of sockets) socket.destroy()
      return new Promise((done) => server.close(done))
    },
  }
}
