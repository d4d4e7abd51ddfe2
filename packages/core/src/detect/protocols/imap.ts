/**
 * IMAP (RFC 9051 sections 7.1, 7.2.2; ID: RFC 2971):
 *
 *   greeting => "*" SP ("OK" | "PREAUTH" | "BYE") SP ["[" code "]" SP] text CRLF
 *   ID NIL   => "* ID (" *("name" "value") ")" CRLF tag SP "OK" ...
 *   CAPABILITY => "* CAPABILITY" 1*(SP capability) CRLF
 */
import { latin1 } from '#core/wire/reader.ts'
import { createMatcher } from '../fingerprint.ts'
import { MAIL_SERVER_FINGERPRINTS } from '../fingerprints/mail-servers.data.ts'
import { describeGreeting } from '../greeting.ts'
import { nameAndVersion } from '../name-version.ts'
import { Mishap, type Protocol, type Service, type Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull, firstLine, startsWith } from '../text.ts'
import { upstream } from '../version.ts'

export const imap: Protocol = {
  name: 'imap',
  transport: 'tcp',
  ports: [143, 220, 993],
  opens: 'server',
  recognise,
  identify,
}

const match = createMatcher(MAIL_SERVER_FINGERPRINTS)
/** Servers of other protocols (gpsd, some news readers) do not begin like this; a greeting of nothing else would be odd. */
const GREETING = /^\* (OK|PREAUTH|BYE)\b ?(.*)$/i

function recognise(bytes: Uint8Array): Service | null {
  if (!startsWith(bytes, '* ')) return null
  const [, , text] = GREETING.exec(firstLine(bytes)) ?? []
  if (text === undefined) return answered(bytes)
  const { known, hostname } = describeGreeting(text, match)
  const capabilities =
    /\[CAPABILITY ([^\]]*)\]/i
      .exec(text)?.[1]
      ?.split(' ')
      .slice(0, 40)
      .map((c) => clean(c, 40)) ?? []
  return service('imap', {
    ...known,
    hostname: known.hostname ?? hostname,
    facts: { banner: clean(text), capabilities },
  })
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const first = recognise(greeting)
  if (first === null || (first.product !== null && first.version !== null)) return first
  try {
    await session.write(Buffer.from('p1 ID NIL\r\n'))
    const answer = Buffer.from(await session.readUntil((b) => /(?:^|\n)p1 /.test(Buffer.from(b).toString('latin1'))))
    const told = described(parseId(answer.toString('latin1')))
    return {
      ...first,
      product: first.product ?? told.product,
      version: first.version ?? told.version,
      vendor: first.vendor ?? told.vendor,
      os: first.os ?? told.os,
    }
  } catch (error) {
    if (error instanceof Mishap) return first
    throw error
  }
}

/** What stands between greeting and farewell, where the greeting was not captured. */
function answered(bytes: Uint8Array): Service | null {
  const line = firstLine(bytes)
  const capabilities = /^\* CAPABILITY (.*\bIMAP4.*)$/i.exec(line)?.[1]?.split(' ') ?? []
  const id = parseId(latin1(bytes.subarray(0, 4096)))
  if (id.size === 0 && capabilities.length === 0) return null
  const told = described(id)
  return service('imap', {
    ...match(told.product ?? ''),
    ...told,
    confidence: 0.95,
    facts: {
      capabilities: capabilities.slice(0, 40).map((c) => clean(c, 40)),
    },
  })
}

/** What ID says, as a Service has it. */
function described(id: ReadonlyMap<string, string>): Pick<Service, 'product' | 'version' | 'vendor' | 'os'> {
  const version = nameAndVersion(`x ${id.get('version') ?? ''}`).version
  return {
    product: cleanOrNull(id.get('name'), 64),
    version: version === null ? null : cleanOrNull(upstream(version), 64),
    vendor: cleanOrNull(id.get('vendor'), 64),
    os: cleanOrNull(id.get('os'), 64),
  }
}

/** id => "* ID (" "name" SP "value" ... ")"; keys in lower case. */
function parseId(text: string): Map<string, string> {
  const list = /^\* ID \(([^\r\n]{0,2000})\)/im.exec(text)?.[1] ?? ''
  const words = [...list.matchAll(/"([^"]{0,256})"|\bNIL\b/gi)].map(([, word]) => word ?? '')
  return new Map(words.flatMap((word, i) => (i % 2 === 0 ? [[word.toLowerCase(), words[i + 1] ?? '']] : [])))
}
