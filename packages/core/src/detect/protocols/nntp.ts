/**
 * NNTP (RFC 3977 section 5.1; CAPABILITIES, section 5.2):
 *
 *   greeting => ("200" / "201" / "400" / "502") SP text CRLF
 *   answer   => "101" SP text CRLF *(capability CRLF) "." CRLF      IMPLEMENTATION names product and version
 */

import { latin1 } from '#core/wire/reader.ts'
import { createMatcher, either } from '../fingerprint.ts'
import { MAIL_SERVER_FINGERPRINTS } from '../fingerprints/mail-servers.data.ts'
import { NNTP_SERVERS } from '../fingerprints/nntp-servers.data.ts'
import { describeGreeting } from '../greeting.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, decode, firstLine } from '../text.ts'

export const nntp: Protocol = {
  name: 'nntp',
  transport: 'tcp',
  ports: [119, 433, 563],
  opens: 'server',
  recognise,
  identify,
}

/** Mail servers carry news too. */
const match = either(createMatcher(NNTP_SERVERS), createMatcher(MAIL_SERVER_FINGERPRINTS))

/** The greeting codes are shared with FTP and others; these words are not. */
const NEWS =
  /\b(?:nntp|nnrp|you can (?:read|post)|post via email|news|usenet|inn|innd|innfeed|leafnode|dnews|diablo|typhoon|cyclone|posting|no transfer|internetnews|papercut|sn-nntpd|collabra|noffle|hamster|permission to talk|load at \d+\.\d+, try later)/i

/** What news servers say to strangers, under codes no other server opens with. */
const REFUSAL =
  /^(?:400 .*\b(?:connections?|unavailable|too busy|try (?:again )?later)\b|480 |502 .*\b(?:access|permission|denied|authentication required)\b)/i

function recognise(bytes: Uint8Array): Service | null {
  const line = firstLine(bytes)
  if (/^101 /.test(line)) return named(/^IMPLEMENTATION (.+)$/m.exec(latin1(bytes).replace(/\r/g, ''))?.[1] ?? '')
  if (!/^(?:200|201|400|480|502)[ -]/.test(line) || /\bftp|\bsmtp/i.test(line)) return null
  if (NEWS.test(line) || REFUSAL.test(line)) return named(line.slice(4))
  // Nobody else greets with 200; a server that says no more than its name and "ready" is probably one.
  return /^20[01] .*\b(?:ready|server|welcome)\b/i.test(line) ? { ...named(line.slice(4)), confidence: 0.6 } : null
}

function named(text: string): Service {
  const { known } = describeGreeting(text, match)
  return service('nntp', {
    ...known,
    info: /posting ok/i.test(text) ? 'posting allowed' : null,
    confidence: known.product ? 1 : 0.9,
    facts: { greeting: clean(text) },
  })
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const known = recognise(greeting)
  if (known === null || known.version !== null) return known
  await session.write(Buffer.from('CAPABILITIES\r\n'))
  const answer = await session.readUntil((soFar) => /\r\n\.\r\n$|^[45]\d\d .*\r\n$/.test(decode(soFar)))
  const told = recognise(answer)
  return told?.product == null ? known : { ...told, info: known.info, facts: known.facts }
}
