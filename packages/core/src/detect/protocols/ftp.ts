/**
 * FTP (RFC 959 sections 4.2, 5.4; FEAT: RFC 2389; AUTH TLS: RFC 4217):
 *
 *   greeting => "220" [-SP] text CRLF ... | "120" ... | "421" text     SYST => "215" SP system    FEAT => "211-" ...
 */
import { createMatcher } from '../fingerprint.ts'
import { FTP_FINGERPRINTS, FTP_REFUSALS } from '../fingerprints/ftp.data.ts'
import { MAIL_SERVER_FINGERPRINTS } from '../fingerprints/mail-servers.data.ts'
import { ftpAuthorOf, ftpReplyWeight } from '../ftp-reply.ts'
import { describeGreeting } from '../greeting.ts'
import { operatingSystem } from '../operating-system.ts'
import { Mishap, type Protocol, type Service, type Session } from '../protocol.ts'
import { isWholeReply, parseReply, type Reply } from '../reply-lines.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const ftp: Protocol = {
  name: 'ftp',
  transport: 'tcp',
  ports: [21, 990, 2121, 8021],
  opens: 'server',
  recognise,
  identify,
}

const match = createMatcher(FTP_FINGERPRINTS)
const refuse = createMatcher(FTP_REFUSALS)
const matchMail = createMatcher(MAIL_SERVER_FINGERPRINTS)

const SAYS_FTP =
  /ftp|file ?zilla|serv-u|\bQTCP\b|file (?:transfer|server)|Service ready for new user|Syncplify|HylaFAX|AXIS .*Network Camera/i
/** A door that is shut to users (RFC 959 section 4.2.2): mail servers speak of clients and hosts, and have no 530 here. */
const REFUSAL = /^(?:421 .*\b(?:users?|log ?ins?)\b|530 .*\b(?:connections?|address|users?|clients?)\b)/i
const SAYS_MAIL = /\be?smtp\b|\blmtp\b|sendmail|postfix|\bexim\b|\bMTA\b/i

function recognise(bytes: Uint8Array): Service | null {
  const reply = parseReply(bytes)
  if (reply === null) return null
  const later = ftpReplyWeight(reply)
  if (later > 0) return answered(reply, later)
  if (!/^(?:220|120|421|500|530|550)$/.test(String(reply.code))) return null
  const text = reply.text.join(' ')
  if (SAYS_MAIL.test(text) && !/ftp/i.test(text)) return null
  if (reply.code === 120) return describe(reply, 0.7)
  // A complaint about plain words says that TLS is spoken here: that gets its chance first.
  if (reply.code !== 220 && refuse(text) !== null) return describe(reply, /SSL routines/.test(text) ? 0.7 : 0.9)
  if (REFUSAL.test(`${reply.code} ${text}`)) return describe(reply, 0.6)
  if (SAYS_FTP.test(text)) return describe(reply, reply.code === 220 ? 1 : 0.9)
  // A bare `220 text` is FTP's as well as SMTP's: unless a mail server says so, one without a host name leans to FTP.
  if (matchMail(text) !== null) return null
  if (reply.code !== 220 || /\bnntp|news\b/i.test(text)) return null
  if (match(text)?.version) return describe(reply, 0.65)
  return describe(reply, /^[\w-]+(?:\.[\w-]+)+/.test(text) ? 0.5 : 0.55)
}

function describe(reply: Reply, confidence: number): Service {
  const text = reply.text.join(' ')
  const { known, hostname } = describeGreeting(text, match)
  return service('ftp', { ...known, hostname: known.hostname ?? hostname, confidence, facts: { banner: clean(text) } })
}

function answered(reply: Reply, confidence: number): Service {
  return service('ftp', { ...ftpAuthorOf(reply), confidence, facts: { banner: clean(reply.text.join(' ')) } })
}

/** SYST tells the system, FEAT the extensions; a server that knows neither command may still be FTP. */
async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const first = recognise(greeting)
  if (first === null) return null
  try {
    const syst = await command(session, 'SYST')
    // SMTP says 500 or 502 to SYST too, but never 215; FTP asks for a login with 530.
    const proven = syst !== null && (syst.code === 215 || syst.code === 530 || syst.code === 331)
    if (!proven && first.confidence < 0.9) return null
    const system = syst?.code === 215 ? clean(syst.text[0] ?? '', 128) : null
    const feat = await command(session, 'FEAT')
    const features =
      feat?.code === 211
        ? feat.text
            .slice(1, -1)
            .map((t) => clean(t, 64))
            .slice(0, 40)
        : []
    await session.write(Buffer.from('QUIT\r\n'))
    const os = first.os ?? (system === null || /Type: L8/.test(system) ? null : (operatingSystem(system)?.name ?? null))
    return { ...first, os, confidence: proven ? 1 : first.confidence, facts: { ...first.facts, system, features } }
  } catch (error) {
    if (error instanceof Mishap) return first.confidence < 0.9 ? null : first
    throw error
  }
}

async function command(session: Session, line: string): Promise<Reply | null> {
  await session.write(Buffer.from(`${line}\r\n`))
  return parseReply(await session.readUntil(isWholeReply))
}
