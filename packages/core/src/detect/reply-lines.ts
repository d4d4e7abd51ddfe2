/**
 * Replies with three-digit codes, the grammar FTP, SMTP, LMTP and NNTP share (RFC 959 section 4.2, RFC 5321 4.2):
 *
 *   reply => *(code "-" text CRLF) code SP text CRLF
 *
 * The lines between may lack the code (FTP); everything up to the closing line belongs to the reply.
 */
import { lines } from './text.ts'

export interface Reply {
  readonly code: number
  /** The text of every line, the code removed. */
  readonly text: readonly string[]
  /** True when the closing line has arrived. */
  readonly complete: boolean
}

/** Lines of one reply at most. */
const LINES_CAP = 100

export function parseReply(bytes: Uint8Array): Reply | null {
  const first = bytes[0] ?? 0
  if (first < 0x31 || first > 0x35) return null
  const all = lines(bytes, LINES_CAP)
  const opening = /^([1-5]\d\d)(?:([ -])(.*))?$/.exec(all[0] ?? '')
  if (opening === null) return null
  const [, code = '', mark, text = ''] = opening
  const ended = bytes.includes(10)
  if (mark !== '-') return { code: Number(code), text: [text], complete: ended }
  const said = [text]
  for (const line of all.slice(1)) {
    const own = line.startsWith(code) ? /^\d{3}([ -]|$)(.*)$/.exec(line) : null
    if (line !== '') said.push((own?.[2] ?? line).trim())
    if (own !== null && own[1] !== '-') return { code: Number(code), text: said, complete: true }
  }
  return { code: Number(code), text: said, complete: false }
}

/** For Session.readUntil: one whole reply is there. */
export const isWholeReply = (bytes: Uint8Array): boolean => parseReply(bytes)?.complete ?? bytes.includes(10)
