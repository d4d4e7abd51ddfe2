/** A quotation with its author, the two ways it is printed: `"text" Author (years)`, and text, then `-- Author`. */
import { decode } from './text.ts'

/** RFC 865 asks for fewer than 512 characters; `fortune` is not that strict. */
const LONGEST = 2048

const QUOTED = /^"[^"]{8,}"\s{0,4}[\p{Lu}][\p{L}.,' -]{2,60}(?: \([\d –-]{4,12}\))?\s*$/u
const DASHED = /^[^-][^\0]{8,}\n\s*(?:--|—) ?[\p{Lu}"][^\n]{2,100}\s*(?:\n[^\n]{0,100}\s*)?$/u

export function isQuotation(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || bytes.length > LONGEST) return false
  const text = decode(bytes)
  return !/[\0-\x08\x0e-\x1f]/.test(text) && (QUOTED.test(text) || DASHED.test(text))
}
