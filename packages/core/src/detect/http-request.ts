/** The requests we make as an HTTP client: one each connection, saying who asks. */
import type { Session } from './protocol.ts'

export interface HttpRequest {
  /** What follows the method: a path, a URL for a proxy, or `host:port` for CONNECT (RFC 9112 section 3.2). */
  readonly path: string
  readonly method?: 'GET' | 'POST' | 'CONNECT'
  readonly body?: string
  /** Media type of the body; default: JSON. */
  readonly type?: string
}

/** Sends the request with the lines of `extra` among its headers. The caller reads the answer. */
export async function sendRequest(
  session: Session,
  { path, method = 'GET', body = '', type = 'application/json' }: HttpRequest,
  extra: readonly string[] = [],
): Promise<void> {
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
}

function hostOf({ hostname, address, port, tls }: Session): string {
  const host = hostname ?? (address.includes(':') ? `[${address}]` : address)
  return port === (tls ? 443 : 80) ? host : `${host}:${port}`
}
