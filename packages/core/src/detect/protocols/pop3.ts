/**
 * POP3 (RFC 1939 sections 3, 7; CAPA: RFC 2449):
 *
 *   greeting => ("+OK" | "-ERR") [SP text] [SP "<" timestamp "@" host ">"] CRLF
 *   CAPA => "+OK" ... *(capability CRLF) "." CRLF, of which IMPLEMENTATION names the server
 */
import { latin1 } from '#core/wire/reader.ts'
import { createMatcher, either } from '../fingerprint.ts'
import { MAIL_SERVER_FINGERPRINTS, POP3_GREETINGS } from '../fingerprints/mail-servers.data.ts'
import { describeGreeting } from '../greeting.ts'
import { Mishap, type Protocol, type Service, type Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, firstLine, lines, startsWith } from '../text.ts'

export const pop3: Protocol = {
  name: 'pop3',
  transport: 'tcp',
  ports: [109, 110, 995],
  opens: 'server',
  recognise,
  identify,
}

const match = either(createMatcher(POP3_GREETINGS), createMatcher(MAIL_SERVER_FINGERPRINTS))
const CAPABILITIES_CAP = 40
/** What is said at a door that stays shut. */
const DOOR =
  /\b(?:connections?|access|denied|refused|rejected|unavailable|not available|busy|too many|try (?:again|later)|blocked|banned|blacklisted|overloaded|shutting down)\b/i
/** What is said of a command, by Redis, NATS and others. */
const COMMANDS =
  /\b(?:commands?|arguments?|protocol|syntax|clients? reached|protected mode|operation|authorization violation|DENIED Redis)\b/i

function recognise(bytes: Uint8Array): Service | null {
  if (!startsWith(bytes, '+OK') && !startsWith(bytes, '-ERR')) return null
  const line = firstLine(bytes)
  const refused = /^-ERR(?: |$)/.test(line)
  if (!refused && !/^\+OK(?:[ \t]|$)/.test(line)) return null
  const text = line.replace(/^(?:\+OK|-ERR)[ \t]*/, '')
  // Redis and others answer foreign commands with -ERR too; nobody else's +OK stands at the beginning of a conversation.
  const saysPop = /\bpop|mail|\[(?:SYS|AUTH|IN-USE|LOGIN-DELAY)/i.test(text)
  if (refused && !saysPop && (!DOOR.test(text) || COMMANDS.test(text))) return null
  const { known, hostname } = describeGreeting(text, match)
  const implementation = /\nIMPLEMENTATION ([^\r\n]{1,128})/i.exec(latin1(bytes.subarray(0, 2048)))?.[1]
  const named = known.product || !implementation ? known : implemented(implementation)
  const host = /<[^<>@]{1,128}@([\w.-]{1,253})>/.exec(text)?.[1] ?? hostname
  const sure = /pop|mail|<[^<>]+@[^<>]*>|ready/i.test(text) || text === ''
  return service('pop3', {
    ...named,
    hostname: known.hostname ?? host,
    confidence: refused && !saysPop ? 0.6 : sure ? 1 : 0.8,
    facts: { banner: clean(text) },
  })
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const first = recognise(greeting)
  if (first === null) return null
  try {
    await session.write(Buffer.from('CAPA\r\n'))
    const answer = await session.readUntil((b) => /(?:^-ERR[^\n]*|\n\.\r?)\n/.test(Buffer.from(b).toString('latin1')))
    const [status = '', ...rest] = lines(answer, CAPABILITIES_CAP + 1)
    const capabilities = status.startsWith('+OK')
      ? rest.filter((l) => l !== '.' && l !== '').map((l) => clean(l, 64))
      : []
    const implementation = capabilities.find((c) => /^IMPLEMENTATION /i.test(c))?.slice(15)
    const named = first.product === null && implementation ? implemented(implementation) : {}
    return { ...first, ...named, confidence: 1, facts: { ...first.facts, capabilities } }
  } catch (error) {
    if (error instanceof Mishap) return first
    throw error
  }
}

/** `IMPLEMENTATION Cyrus POP3 server v2.4.17` */
const implemented = (text: string): Partial<Service> => describeGreeting(text.replace(/-version-/i, ' '), match).known
