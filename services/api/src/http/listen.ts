import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

/** How long a client may keep us waiting, in milliseconds. */
export interface Patience {
  /** For the headers of a request. */
  readonly headers: number
  /** For a whole request; imports are large and lines slow. */
  readonly request: number
  /** For a reader that takes none of what it asked for. One that takes a little is slow, and may be. */
  readonly reader: number
}

export const PATIENCE: Patience = { headers: 10_000, request: 600_000, reader: 60_000 }

/** Longer than the idle time of the usual proxies, so that it is never us who closes on their next request. */
const KEEP_ALIVE = 75_000
/** Milliseconds requests in progress get to end. */
const GRACE = 5_000

export function createApiServer(app: RequestListener, { headers, request }: Patience): Server {
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: headers,
      requestTimeout: request,
      // How often Node looks who is late.
      connectionsCheckingInterval: headers / 4,
      keepAliveTimeout: KEEP_ALIVE,
      // Node would refuse with an empty answer; the application does it in words.
      requireHostHeader: false,
    },
    app,
  )
  server.on('clientError', refuse)
  // Expectations we do not know may be ignored (RFC 9110, section 10.1.1).
  server.on('checkExpectation', app)
  watchUnused(server)
  return server
}

/** Starts to listen; the URL. Throws in words when the address cannot be had. */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(new Error(explain(cause, host, port), { cause })))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${bound}`
}

function explain({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is taken; set PORT to another one`
  if (code === 'EACCES') return `port ${port} needs privileges; set PORT to 1024 or more`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `this machine has no address ${host}; set HOST`
  return `cannot listen on ${host} port ${port}: ${message}`
}

/** What Node's parser refuses never becomes a request; it gets the same kind of answer all the same. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const title = STATUS_CODES[status]
  const detail = status === 408 ? 'the request did not arrive in time' : 'the request is not valid HTTP'
  const body = JSON.stringify({ type: '/problems/bad-request', title, status, detail })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}

/** Requests in progress end, every other connection closes, and after a while so do these. */
export async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const socket of unused.get(server) ?? []) socket.destroy()
  // A connection whose last answer goes out now becomes idle after `close` has looked for idle ones.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const impatient = setTimeout(() => server.closeAllConnections(), GRACE)
  await closed
  clearInterval(sweep)
  clearTimeout(impatient)
}

/** Connections that have not carried a request yet: browsers open them ahead, and Node does not count them as idle. */
const unused = new WeakMap<Server, Set<Socket>>()

function watchUnused(server: Server): void {
  const sockets = new Set<Socket>()
  unused.set(server, sockets)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', ({ socket }) => sockets.delete(socket))
}
