/**
 * Text a stranger sent, made safe to keep and to show.
 *
 *   clean(textOrBytes, cap?)  one line: no control, ANSI or bidi characters, white space collapsed, capped
 *   decode(bytes)             UTF-8 when it is valid, Latin-1 otherwise
 *   firstLine(bytes)          up to the first CR, LF or NUL, as Latin-1, capped at 1024
 *   lines(bytes, max?)        at most `max` lines, as Latin-1, line ends removed
 *   startsWith(bytes, text)   compares without decoding
 */
import { latin1 } from '#core/wire/reader.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** UTF-8 when the bytes are valid UTF-8, Latin-1 otherwise; old servers speak the latter. */
export function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return latin1(bytes)
  }
}

/** ANSI escape sequences: CSI (ECMA-48 5.4), and the two-character kind. */
const ANSI = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-_])/g
/** C0, C1, line and paragraph separators, zero-width and bidirectional controls, byte order mark, lone surrogates. */
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]+/gu

/** One line of printable text of at most `cap` characters. */
export function clean(text: string | Uint8Array, cap = 256): string {
  const raw = typeof text === 'string' ? asMeant(text.slice(0, cap * 4)) : decode(text.subarray(0, cap * 4))
  return raw.replace(ANSI, ' ').replace(UNSAFE, ' ').replace(/\s+/g, ' ').trim().slice(0, cap).trimEnd()
}

/** Fields of old protocols are read byte by byte (RFC 9110 section 5.5); many a server writes UTF-8 into them. */
const asMeant = (text: string): string =>
  /[\xc2-\xf4][\x80-\xbf]/.test(text) && !/[^\x00-\xff]/.test(text) ? decode(Buffer.from(text, 'latin1')) : text

/** Like `clean`, but null when nothing is left. */
export function cleanOrNull(text: string | Uint8Array | null | undefined, cap = 256): string | null {
  return text === null || text === undefined ? null : clean(text, cap) || null
}

/** Everything before the first CR, LF or NUL; Latin-1, at most 1024 characters, not cleaned. */
export function firstLine(bytes: Uint8Array): string {
  const end = bytes.findIndex((b) => b === 10 || b === 13 || b === 0)
  return latin1(bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, 1024)))
}

/** The first `max` lines (LF or CRLF), Latin-1, at most 16 KiB of them. */
export function lines(bytes: Uint8Array, max = 100): string[] {
  const text = latin1(bytes.subarray(0, 16_384))
  return text.split('\n', max).map((line) => line.replace(/\r$/, ''))
}

/** True when the bytes begin with this Latin-1 text. */
export function startsWith(bytes: Uint8Array, text: string): boolean {
  if (bytes.length < text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false
  return true
}
