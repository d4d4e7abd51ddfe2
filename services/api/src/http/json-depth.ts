/**
 * How deep a JSON text is nested, told while it arrives. Parsing a megabyte of brackets takes a hundred times as long as
 * parsing an honest one, so whoever sends that is refused before anything is parsed. Brackets, quotes and backslashes are
 * single bytes in UTF-8 and no part of others, so bytes are all that has to be looked at.
 */
const QUOTE = 0x22
const BACKSLASH = 0x5c
/** `[` and `{`, `]` and `}` differ by this bit alone. */
const CURLY = 0x20

/** False once the text has gone deeper than `most`; give it every chunk, in order. */
export function createDepthGauge(most: number): (chunk: Uint8Array) => boolean {
  let depth = 0
  let inText = false
  let escaped = false
  return (chunk) => {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0
      if (inText) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) inText = false
      } else if (byte === QUOTE) inText = true
      else if ((byte | CURLY) === 0x7b && ++depth > most) return false
      else if ((byte | CURLY) === 0x7d) depth--
    }
    return true
  }
}
