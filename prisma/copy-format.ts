/**
 * Values in the text format of COPY, for text that strangers wrote: NUL is not allowed in PostgreSQL's text and jsonb,
 * and control characters are what terminals, logs and tables are attacked with.
 */

const NULL = '\\N'

/** So that two such columns and an address still fit into an index entry (2,704 bytes), whatever the characters. */
const TEXT_LENGTH = 255

/** As many as a product has under all its names, and then some. */
const ARRAY_LENGTH = 32

/** Control characters, and the marks that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

const utf8 = new TextDecoder()

/** Bytes as text to read and to search; null for none. */
export const printable = (bytes: Uint8Array | undefined): string | null =>
  bytes === undefined || bytes.length === 0 ? null : utf8.decode(bytes)

/** Most texts: they need no cleaning. */
const PLAIN = /^[ -~]*$/

const clean = (text: string, length: number) =>
  PLAIN.test(text) ? text.slice(0, length) : text.replace(UNPRINTABLE, ' ').slice(0, length).toWellFormed()

/** What is kept of a text. */
export const storedText = (text: string): string => clean(text, TEXT_LENGTH)

export const copyText = (text: string | null | undefined, length = TEXT_LENGTH): string =>
  text === null || text === undefined ? NULL : clean(text, length).replaceAll('\\', '\\\\')

/** An empty list is stored as null. */
export function copyArray(items: readonly string[] | undefined): string {
  if (items === undefined || items.length === 0) return NULL
  const quoted = items.slice(0, ARRAY_LENGTH).map((item) => `"${clean(item, TEXT_LENGTH).replace(/["\\]/g, '\\$&')}"`)
  return `{${quoted.join(',')}}`.replaceAll('\\', '\\\\')
}

export const copyBytes = (bytes: Uint8Array | undefined): string =>
  bytes === undefined || bytes.length === 0
    ? NULL
    : `\\\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`

/** Every escape of JSON in turn, so that `\\u0000` (a backslash and five letters) is not taken for a NUL. */
const ESCAPE = /\\(?:(u0000|ud[89a-f][0-9a-f]{2})|.)/gs

/** jsonb takes neither NUL nor half a surrogate pair, in keys as little as in values. */
export function copyJson(value: object | null | undefined): string {
  if (value === null || value === undefined) return NULL
  const json = JSON.stringify(value).replace(ESCAPE, (found, bad) => (bad === undefined ? found : '\ufffd'))
  return json.replaceAll('\\', '\\\\')
}
