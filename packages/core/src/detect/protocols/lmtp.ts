/**
 * LMTP (RFC 2033): SMTP's grammar, LHLO in the place of EHLO, and a greeting that says LMTP.
 *
 *   greeting => "220" SP domain SP ... "LMTP" ... CRLF
 */
import { createMatcher } from '../fingerprint.ts'
import { MAIL_SERVER_FINGERPRINTS } from '../fingerprints/mail-servers.data.ts'
import { describeGreeting } from '../greeting.ts'
import type { Protocol, Service } from '../protocol.ts'
import { parseReply } from '../reply-lines.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const lmtp: Protocol = { name: 'lmtp', transport: 'tcp', ports: [24, 2003], opens: 'server', recognise }

const match = createMatcher(MAIL_SERVER_FINGERPRINTS)

function recognise(bytes: Uint8Array): Service | null {
  const reply = parseReply(bytes)
  const text = reply?.text.join(' ') ?? ''
  if (reply?.code !== 220 || !/\blmtp\b/i.test(text) || /\be?smtp\b/i.test(text)) return null
  const { known, hostname } = describeGreeting(text, match)
  return service('lmtp', { ...known, hostname: known.hostname ?? hostname, facts: { banner: clean(text) } })
}
