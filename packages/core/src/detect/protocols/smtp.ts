/**
 * SMTP and its local sibling LMTP (RFC 5321 sections 3.1, 4.2; RFC 2033; STARTTLS: RFC 3207):
 *
 *   greeting => "220" [-SP] domain [SP text] CRLF ...
 *   EHLO name => "250" [-SP] domain ... "250-" keyword [SP parameters] ...
 *
 * FTP greets with the same code: what decides is the text, and whether EHLO is understood.
 */
import { createMatcher } from '../fingerprint.ts'
import { MAIL_SERVER_FINGERPRINTS } from '../fingerprints/mail-servers.data.ts'
import { describeGreeting } from '../greeting.ts'
import { Mishap, type Protocol, type Service, type Session } from '../protocol.ts'
import { isWholeReply, parseReply, type Reply } from '../reply-lines.ts'
import { service } from '../service.ts'
import { authorOf, isSmtpReply } from '../smtp-reply.ts'
import { clean } from '../text.ts'

export const smtp: Protocol = {
  name: 'smtp',
  transport: 'tcp',
  ports: [24, 25, 26, 465, 587, 2525],
  opens: 'server',
  recognise,
  identify,
}

const match = createMatcher(MAIL_SERVER_FINGERPRINTS)

const SAYS_SMTP =
  /\be?smtp(?![\w-]*\.)|\blmtp\b|\bmail(?:er|server|site|\w*)\b(?!.*\bftp\b)|webshield|sendmail|postfix|exim|qmail|\bMX\b|\bMTA\b|mdaemon|groupwise|spam|\bUCE\b/i
const SAYS_FTP = /\bs?ftp[sd]?\b|file ?zilla|serv-u|wu-\d|file transfer/i
/** A bare `220 name` is more often SMTP than FTP; a bare `220` nobody's. */
const DOMAIN = /^[\w-]+(?:\.[\w-]+)+\.?(?: |$)/
/** What only mail servers answer. */
const REFUSALS = /^(?:421|450|451|452|521|550|553|554|556|571)$/
/** Enhanced codes (RFC 3463), codes of its own (RFC 7504), and its own troubles. */
const ONLY_MAIL =
  /^(?:521|556|571) |^\d{3} [245]\.\d{1,3}\.\d{1,3}(?: |$)|\b(?:HELO|EHLO|DNSBL|RBL|spamhaus|blacklist|sender reputation)\b/i

function recognise(bytes: Uint8Array): Service | null {
  const reply = parseReply(bytes)
  if (reply === null) return null
  const text = reply.text.join(' ')
  if (reply.code !== 220) {
    // A server that refuses us at the door (RFC 7504, RFC 5321 section 3.1) still says what it is.
    const refuses =
      REFUSALS.test(String(reply.code)) &&
      (SAYS_SMTP.test(text) || match(text) !== null || ONLY_MAIL.test(`${reply.code} ${text}`)) &&
      !SAYS_FTP.test(text)
    return refuses || isSmtpReply(reply) ? describe(reply, 0.9) : null
  }
  if (SAYS_FTP.test(text) && !/\be?smtp\b/i.test(text)) return null
  if (/\blmtp\b/i.test(text) && !/\be?smtp\b/i.test(text)) return null
  if (SAYS_SMTP.test(text) || /^\*{8,}|^[*0-9 ]{12,}$/.test(text)) return describe(reply, 1)
  // A name of the table's alone: most of those who bear it speak LMTP too.
  if ((match(text.replace(/^\S+ /, '')) ?? match(text)) !== null) return describe(reply, 0.8)
  return DOMAIN.test(text) ? describe(reply, 0.6) : null
}

function describe(reply: Reply, confidence: number): Service {
  const { known, hostname } = describeGreeting(reply.text.join(' '), match)
  // Behind the code of an answer stand few names, and sentences that look like some: only the tables are believed.
  const told = reply.code === 220 ? known : (authorOf(reply) ?? match(reply.text.join(' ')) ?? {})
  return service('smtp', {
    ...told,
    hostname: told.hostname ?? hostname,
    confidence,
    facts: { banner: banner(reply) },
  })
}

const banner = (reply: Reply): string => clean(reply.text.join(' '))

/** EHLO lists the capabilities, and some servers name themselves there or in HELP. */
async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const first = recognise(greeting)
  if (first === null) return null
  try {
    const us = `${session.client.name.toLowerCase()}.invalid`
    let ehlo = await command(session, `EHLO ${us}`)
    // Whose greeting does not say LMTP may understand its LHLO alone (RFC 2033 section 4.1).
    const lhlo = ehlo !== null && ehlo.code >= 500 ? await command(session, `LHLO ${us}`) : null
    const name = lhlo?.code === 250 ? 'lmtp' : first.name
    if (lhlo?.code === 250) ehlo = lhlo
    if (ehlo === null || (ehlo.code !== 250 && ehlo.code < 400)) return first.confidence < 0.9 ? null : first
    const capabilities =
      ehlo.code === 250
        ? ehlo.text
            .slice(1)
            .map((t) => clean(t, 64))
            .slice(0, 40)
        : []
    const known = first.product === null ? await namedElsewhere(session, ehlo) : {}
    await session.write(Buffer.from('QUIT\r\n'))
    return {
      ...first,
      ...known,
      name,
      confidence: ehlo.code === 250 ? 1 : first.confidence,
      facts: { ...first.facts, capabilities },
    }
  } catch (error) {
    if (error instanceof Mishap) return first.confidence < 0.9 ? null : first
    throw error
  }
}

async function namedElsewhere(session: Session, ehlo: Reply): Promise<Partial<Service>> {
  const help = await command(session, 'HELP')
  return authorOf(ehlo) ?? (help === null ? null : authorOf(help)) ?? {}
}

async function command(session: Session, line: string): Promise<Reply | null> {
  await session.write(Buffer.from(`${line}\r\n`))
  return parseReply(await session.readUntil(isWholeReply))
}
