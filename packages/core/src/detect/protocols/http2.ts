/**
 * HTTP/2 (RFC 9113): inside TLS by ALPN `h2`, in the clear with prior knowledge (section 3.3). Frames are in
 * `wire/http2.ts`. Asked after HTTP/1, which most servers speak too and which tells more.
 */
import { type Http2Answer, http2Get, parseHttp2 } from '#core/wire/http2.ts'
import { versioned } from '../cpe.ts'
import { describePage } from '../http-identity.ts'
import type { HttpResponse } from '../http-message.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const http2: Protocol = {
  name: 'http2',
  transport: 'tcp',
  ports: [50051],
  opens: 'client',
  alpn: ['h2'],
  recognise,
  identify,
}

/** Its frame type (section 6.5). */
const SETTINGS = 4
/** What is said to a request in another language says less than an answer. */
const SETTINGS_ALONE = 0.92

function recognise(bytes: Uint8Array): Service | null {
  // A server's first frame is SETTINGS on stream 0 (section 3.4): spares parsing what is not.
  if (bytes[3] !== SETTINGS || bytes[5] !== 0 || bytes[6] !== 0) return null
  const answer = parseHttp2(bytes)
  return answer && describe(answer)
}

async function identify(session: Session): Promise<Service | null> {
  const { client, tls, hostname, address } = session
  const request = http2Get([
    [':method', 'GET'],
    [':scheme', tls ? 'https' : 'http'],
    [':authority', (hostname ?? address).slice(0, 120)],
    [':path', '/'],
    ['user-agent', `${client.name}${client.url === null ? '' : ` (${client.url})`}`.slice(0, 120)],
    ['accept', '*/*'],
  ])
  await session.write(request)
  return recognise(await session.readUntil((soFar) => parseHttp2(soFar)?.complete ?? soFar.length > 9))
}

function describe(answer: Http2Answer): Service {
  const response = asResponse(answer)
  if (response === null) {
    const text = answer.goAway ? clean(answer.goAway.text) : ''
    const facts = { version: '2', ...(text === '' ? {} : { goAway: text }) }
    return service('http', { info: 'HTTP/2', confidence: SETTINGS_ALONE, facts })
  }
  const { known, facts } = describePage(response)
  const grpc = response.headers.some(([name, value]) => name === 'content-type' && /^application\/grpc/.test(value))
  return service('http', {
    ...known,
    cpe: versioned(known.cpe ?? [], known.version),
    info: known.info ?? (grpc ? 'gRPC over HTTP/2' : 'HTTP/2'),
    facts: { ...facts, version: '2' },
    confidence: 0.97,
  })
}

function asResponse({ headers, body }: Http2Answer): HttpResponse | null {
  const status = Number(headers.find(([name]) => name === ':status')?.[1])
  if (!(status >= 100 && status < 600)) return null
  const fields = headers.filter(([name]) => !name.startsWith(':')).map(([n, v]) => [n, v.slice(0, 2048)] as const)
  return { version: '2', status, reason: '', headers: fields, body }
}
