/** The requests we make as an HTTP client: one each connection, saying who asks. */
import { type HttpResponse, isComplete, parseHttp } from './http-message.ts'
import { Mishap, type Session } from './protocol.ts'

export interface HttpRequest {
  /** What follows the method: a path, a URL for a proxy, or `host:port` for CONNECT (RFC 9112 section 3.2). */
  readonly path: string
  readonly method?: 'GET' | 'POST' | 'CONNECT'
  readonly body?: string
  /** Media type of the body; default: JSON. */
  readonly type?: string
}

/** Sends the request, with the lines of `extra` among its headers, and reads what comes. Throws Mishap. */
export async function ask(
  session: Session,
  { path, method = 'GET', body = '', type = 'application/json' }: HttpRequest,
  extra: readonly string[] = [],
): Promise<Uint8Array> {
  const { name, url } = session.client
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${method === 'CONNECT' ? path : hostOf(session)}`,
    `User-Agent: Mozilla/5.0 (compatible; ${name}${url === null ? '' : `; +${url}`})`,
    'Accept: */*',
    ...(method === 'POST' ? [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`] : []),
    ...extra,
    'Connection: close',
  ]
  await session.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1'))
  return session.readUntil(isComplete)
}

/** The same on a connection of its own; null when that goes wrong, or what comes is no HTTP. */
export async function askAnew(
  session: Session,
  request: HttpRequest,
  extra: readonly string[] = [],
): Promise<HttpResponse | null> {
  try {
    await session.reopen()
    return parseHttp(await ask(session, request, extra))
  } catch (error) {
    if (error instanceof Mishap) return null
    throw error
  }
}

function hostOf({ hostname, address, port, tls }: Session): string {
  const host = hostname ?? (address.includes(':') ? `[${address}]` : address)
  return port === (tls ? 443 : 80) ? host : `${host}:${port}`
}
