/**
 * Redis serialization protocol (redis.io, "RESP"), also spoken by Valkey, KeyDB, Dragonfly and Sentinel:
 *
 *   reply => "+" line | "-" error | ":" number | "$" length CRLF bytes CRLF | "*" count CRLF reply*
 *   INFO server => "# Server" CRLF "redis_version:" v CRLF ...        PING => "+PONG"
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, firstLine } from '../text.ts'

export const redis: Protocol = {
  name: 'redis',
  transport: 'tcp',
  ports: [6379, 6380, 7000, 16379, 26379],
  opens: 'client',
  recognise,
  identify,
}

/** INFO server is about 600 bytes; all of INFO some 5 KiB. */
const INFO_CAP = 16_384

/** What only these servers complain, to whatever question. */
const ERRORS =
  /^-(?:NOAUTH |DENIED Redis is running|ERR (?:unknown command|wrong number of arguments|Protocol error|operation not permitted|unauthenticated|max number of clients)|MISCONF |LOADING |WRONGPASS |NOPERM |BUSY |READONLY )/i

function recognise(bytes: Uint8Array): Service | null {
  const line = firstLine(bytes)
  if (line === '+PONG') return service('redis', { confidence: 0.9 })
  const text = latin1(bytes.subarray(0, INFO_CAP))
  if (/^\$\d{1,6}\r\n(?:# Server\r\n|redis_version:)/.test(text)) return fromInfo(text)
  if (!ERRORS.test(line)) return null
  // Beanstalk, Memcached and POP3 have other words for it; the quotes and backticks are Redis' own.
  const foreign = /^-ERR unknown command\.?$/i.test(line)
  return service('redis', {
    product: REDIS.product,
    vendor: REDIS.vendor,
    info: clean(line.slice(1), 100),
    confidence: foreign ? 0.6 : 0.95,
  })
}

const REDIS = { product: 'Redis', vendor: 'Redis', cpe: ['redis', 'redis'] } as const
const PRODUCTS: readonly (readonly [
  field: RegExp,
  product: string,
  vendor: string,
  cpe: readonly [string, string] | null,
])[] = [
  [/^valkey_version:(\S+)/m, 'Valkey', 'Valkey', ['lfprojects', 'valkey']],
  [/^dragonfly_version:(?:df-)?v?(\S+)/m, 'Dragonfly', 'DragonflyDB', ['dragonflydb', 'dragonfly']],
  [/^kvrocks_version:(\S+)/m, 'Apache Kvrocks', 'Apache', ['apache', 'kvrocks']],
  [/^pika_version:(\S+)/m, 'Pika', 'OpenAtom', null],
  [/^keydb_version:(\S+)/m, 'KeyDB', 'Snap', ['snap', 'keydb']],
  [/^redis_version:(\S+)/m, 'Redis', 'Redis', ['redis', 'redis']],
]

function fromInfo(text: string): Service | null {
  const field = (name: string) => new RegExp(`^${name}:([^\\r\\n]{1,128})`, 'm').exec(text)?.[1] ?? null
  const mode = field('redis_mode')
  for (const [mark, product, vendor, id] of PRODUCTS) {
    const version = mark.exec(text)?.[1]?.slice(0, 64)
    if (version === undefined) continue
    const name = mode === 'sentinel' ? 'redis-sentinel' : 'redis'
    const os = clean(field('os') ?? '', 64)
    const told = {
      product: mode === 'sentinel' ? `${product} Sentinel` : product,
      vendor,
      version,
      info: mode && `${mode} mode`,
    }
    return service(name, {
      ...told,
      os: os.split(' ')[0] || null,
      cpe: id ? [cpe('a', ...id, version)] : [],
      facts: { mode, os },
    })
  }
  return null
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n'))
  const answer = await session.readUntil(isWhole)
  const text = latin1(answer.subarray(0, INFO_CAP))
  if (/^[$-]/.test(text)) return recognise(answer)
  return null
}

/** A status line, or a bulk string as long as it says. */
function isWhole(bytes: Uint8Array): boolean {
  const text = latin1(bytes.subarray(0, INFO_CAP))
  const length = /^\$(\d{1,6})\r\n/.exec(text)
  return length === null ? text.includes('\n') : bytes.length >= length[0].length + Number(length[1])
}
