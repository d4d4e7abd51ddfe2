/**
 * Redis serialization protocol (RESP 2, Redis documentation): an array of bulk strings asks, the type byte answers.
 *
 *   request  => "*2" CRLF "$4" CRLF "INFO" CRLF "$6" CRLF "server" CRLF
 *   response => "$" length CRLF text CRLF / "-" error CRLF / "+" text CRLF
 *
 * Valkey, KeyDB, Dragonfly and Sentinel answer the same question and name themselves in it.
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const redis: Protocol = {
  name: 'redis',
  transport: 'tcp',
  ports: [6379, 6380, 16379, 26379, 7000],
  opens: 'client',
  recognise,
  identify,
}

const QUESTION = Buffer.from('*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n')
/** The server section is about a kilobyte. */
const INFO_CAP = 8192

/** Key in the INFO text, product, vendor, CPE product; the more particular first. */
const PRODUCTS: readonly (readonly [string, string, string])[] = [
  ['valkey_version', 'Valkey', 'lfprojects'],
  ['dragonfly_version', 'Dragonfly', 'dragonflydb'],
  ['redis_version', 'Redis', 'redis'],
]
const REFUSAL =
  /^-(?:NOAUTH Authentication required|DENIED Redis is running in protected mode|ERR operation not permitted|NOPERM |LOADING Redis|MASTERDOWN |ERR unknown command [`']|ERR wrong number of arguments for '\w+' command|ERR Protocol error: )/

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, INFO_CAP))
  if (REFUSAL.test(text)) {
    const wanted = /NOAUTH|operation not permitted/.test(text)
    const facts = { error: clean(text.slice(1)) }
    return service('redis', {
      ...redisItself(null),
      info: wanted ? 'authentication required' : null,
      confidence: /NOAUTH|DENIED|MASTERDOWN|LOADING/.test(text) ? 1 : 0.8,
      facts,
    })
  }
  if (!/^[$=]\d{1,6}\r\n(?:txt:)?# Server\r?\n/.test(text)) return null
  const value = (key: string) => new RegExp(`^${key}:([^\\r\\n]{1,100})`, 'm').exec(text)?.[1] ?? null
  const [key, product, vendor] = PRODUCTS.find(([candidate]) => value(candidate) !== null) ?? []
  if (key === undefined || product === undefined || vendor === undefined) return null
  const mode = value('redis_mode') ?? value('server_mode')
  const sentinel = mode === 'sentinel'
  const version = clean(value(key) ?? '').replace(/^[a-z]+-v?/, '') || null
  return service('redis', {
    product: sentinel ? `${product} Sentinel` : product,
    vendor,
    version,
    info: mode === null ? null : `${clean(mode)}, no authentication`,
    os: /^(\w+)/.exec(value('os') ?? '')?.[1] ?? null,
    cpe: [cpe('a', vendor, product.toLowerCase(), version)],
    facts: { mode: clean(mode ?? ''), os: clean(value('os') ?? '') },
  })
}

const redisItself = (version: string | null): Partial<Service> => ({
  product: 'Redis',
  vendor: 'Redis',
  version,
  cpe: [cpe('a', 'redis', 'redis', version)],
})

async function identify(session: Session): Promise<Service | null> {
  await session.write(QUESTION)
  const complete = (soFar: Uint8Array) => {
    const head = /^\$(\d{1,6})\r\n/.exec(latin1(soFar.subarray(0, 16)))
    return head === null ? latin1(soFar).endsWith('\r\n') : soFar.length >= head[0].length + Number(head[1]) + 2
  }
  return recognise(await session.readUntil(complete))
}
