/**
 * What an SMTP server says after its greeting (RFC 5321 section 4.2; enhanced codes: RFC 3463; keywords of EHLO: the
 * IANA registry of SMTP service extensions):
 *
 *   EHLO => "250-" domain [SP greeting] CRLF *("250-" keyword [SP parameters] CRLF)
 *   HELP => "214" text      VRFY => "252" text      QUIT => "221" [enhanced] text
 *
 * Its codes are FTP's too: what decides is a code only mail has, an enhanced code, or the words.
 */
import { createMatcher, type Known } from './fingerprint.ts'
import { SMTP_REPLIES } from './fingerprints/smtp-replies.data.ts'
import type { Reply } from './reply-lines.ts'

const match = createMatcher(SMTP_REPLIES)

const KEYWORD =
  /^(?:PIPELINING|SIZE(?: \d+)?|8BITMIME|ETRN|ENHANCEDSTATUSCODES|STARTTLS|DSN|CHUNKING|BINARYMIME|SMTPUTF8|DELIVERBY|AUTH[ =](?:LOGIN|PLAIN|NTLM|CRAM|DIGEST|GSSAPI|XOAUTH|OAUTH|SCRAM|EXTERNAL|NEGOTIATE)\b.*|HELP|VRFY|EXPN|VERB|ONEX|TURN|XVERP.*|X-\w[\w-]*|XEXCH50|XFORWARD.*|XCLIENT.*|REQUIRETLS)$/i
const COMMANDS = /\b(?:HELO|EHLO|RCPT|VRFY|ETRN)\b/i
const FAREWELL = /closing (?:connection|(?:transmission )?channel)|see ya/i

/** The program, by the words of its authors. */
export const authorOf = ({ code, text }: Reply): Known | null => match(`${code} ${text.join(' ')}`)

/** Is this what only a mail server says, once the greeting is over? */
export function isSmtpReply(reply: Reply): boolean {
  const { code, text } = reply
  const all = text.join(' ')
  if (code === 252 || /^[245]\.\d{1,3}\.\d{1,3}(?: |$)/.test(text[0] ?? '')) return true
  if (code === 250) return text.slice(1).some((line) => KEYWORD.test(line)) || /, pleased to meet you/.test(all)
  if (code === 214 && /\b(?:RETR|STOR|CWD|PASV)\b/i.test(all)) return false
  if (code === 214 || code === 211) return COMMANDS.test(all) || authorOf(reply) !== null
  if (code === 221) return FAREWELL.test(all)
  return code >= 500 && authorOf(reply) !== null
}
