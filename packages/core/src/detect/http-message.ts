/**
 * HTTP/1 responses as scanners meet them: correct, ancient, cut short, or hostile.
 *
 *   response    => status-line *(field CRLF) CRLF [body]                        (RFC 9112 section 2.1)
 *   status-line => "HTTP/" digit "." digit SP status [SP reason] CRLF
 *   field       => name ":" value                  bare LF, folded lines and stray bytes are put up with
 *   body        => Content-Length bytes | chunked | until close; deflated on request only, but some never ask
 *
 *   parseHttp(bytes)    HttpResponse or null
 *   isComplete(bytes)   for Session.readUntil: head and body are there
 *   header(r, 'Server') first value or null
 *   bodyText(r)         dechunked, inflated, decoded; at most 64 KiB
 *   htmlTitle(text)     the title, cleaned, or null
 */
import { constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import { latin1 } from '#core/wire/reader.ts'
import { clean, cleanOrNull, decode } from './text.ts'

export interface HttpResponse {
  /** `1.1`, `1.0`; some devices say `0.9` or `2.0`. */
  readonly version: string
  readonly status: number
  readonly reason: string
  /** In order, names in lower case, as the order itself tells servers apart. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** As it came: chunked, compressed. */
  readonly body: Uint8Array
}

/** A head larger than this is an attack, not a head. */
const HEAD_CAP = 32_768
const HEADERS_CAP = 100
const VALUE_CAP = 2048
/** What titles and versions are looked for in. */
const BODY_CAP = 65_536

const STATUS_LINE = /^(?:HTTP|ICY|IPSP)(?:\/(\d\.\d))? ?(\d{3})(?: ([^\r\n]*))?$/

/** Where the head ends and the body begins, -1 while it has not ended. */
function headEnd(text: string): { readonly head: number; readonly body: number } | null {
  const crlf = text.indexOf('\r\n\r\n')
  const lf = text.indexOf('\n\n')
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return { head: crlf, body: crlf + 4 }
  return lf >= 0 ? { head: lf, body: lf + 2 } : null
}

export function parseHttp(bytes: Uint8Array): HttpResponse | null {
  if (bytes[0] !== 0x48 && bytes[0] !== 0x49) return null
  const text = latin1(bytes.subarray(0, HEAD_CAP))
  const end = headEnd(text)
  const lines = text.slice(0, end?.head ?? text.length).split(/\r?\n/, HEADERS_CAP + 1)
  const status = STATUS_LINE.exec(lines[0]?.trimEnd() ?? '')
  if (status === null) return null
  const headers: [string, string][] = []
  for (const line of lines.slice(1)) {
    const last = headers.at(-1)
    const colon = line.indexOf(':')
    if (/^[ \t]/.test(line) && last) last[1] = `${last[1]} ${line.trim()}`.slice(0, VALUE_CAP)
    else if (colon > 0)
      headers.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1, VALUE_CAP).trim()])
  }
  const body = end === null ? new Uint8Array() : bytes.subarray(end.body)
  return { version: status[1] ?? '1.0', status: Number(status[2]), reason: clean(status[3] ?? '', 128), headers, body }
}

/** The first value of a header, null when there is none. Decoded, not cleaned. */
export function header({ headers }: HttpResponse, name: string): string | null {
  const lower = name.toLowerCase()
  return headers.find(([n]) => n === lower)?.[1] ?? null
}

export function headerAll({ headers }: HttpResponse, name: string): string[] {
  const lower = name.toLowerCase()
  return headers.filter(([n]) => n === lower).map(([, value]) => value)
}

/** True when nothing more can belong to the response; without a length only the close tells, so false. */
export function isComplete(bytes: Uint8Array): boolean {
  const end = headEnd(latin1(bytes.subarray(0, HEAD_CAP)))
  if (end === null) return bytes.length >= HEAD_CAP
  const response = parseHttp(bytes)
  if (response === null || bytes.length - end.body >= BODY_CAP) return true
  if (response.status < 200 || response.status === 204 || response.status === 304) return true
  if (isChunked(response)) return /(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n$/.test(latin1(response.body.subarray(-512)))
  const length = header(response, 'content-length')
  return length !== null && response.body.length >= Number(length)
}

const isChunked = (response: HttpResponse) => /\bchunked\b/i.test(header(response, 'transfer-encoding') ?? '')

/** chunk => hex-size [";" ext] CRLF bytes CRLF (RFC 9112 section 7.1). A broken chunk ends it; what came before counts. */
function dechunk(body: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = []
  for (let at = 0, total = 0; at < body.length && total < BODY_CAP; ) {
    const end = body.indexOf(10, at)
    const size = end < 0 ? Number.NaN : Number.parseInt(latin1(body.subarray(at, Math.min(end, at + 16))), 16)
    if (!(size > 0)) break
    pieces.push(body.subarray(end + 1, end + 1 + size))
    total += size
    at = end + 1 + size + 2
  }
  return pieces.length === 0 && body.length > 0 && !/^[0-9a-f]+\s*[\r\n;]/i.test(latin1(body.subarray(0, 20)))
    ? body
    : Buffer.concat(pieces)
}

/** At most BODY_CAP bytes come out, whatever the bomb holds; what is damaged yields nothing. */
function inflate(body: Uint8Array, encoding: string): Uint8Array {
  const options = { maxOutputLength: BODY_CAP * 16, finishFlush: constants.Z_SYNC_FLUSH }
  try {
    if (/gzip/i.test(encoding)) return gunzipSync(body, options)
    if (!/deflate/i.test(encoding)) return body
    return (body[0] ?? 0) % 16 === 8 ? inflateSync(body, options) : inflateRawSync(body, options)
  } catch {
    return new Uint8Array()
  }
}

/** False when the body was cut: by its end, as far as the response tells, or by our own limit. */
export function isWhole(response: HttpResponse): boolean {
  if (response.body.length >= BODY_CAP) return false
  if (isChunked(response)) return /(?:^|\r\n)0\r\n/.test(latin1(response.body.subarray(-512)))
  const length = header(response, 'content-length')
  return length === null || response.body.length === Number(length)
}

/** The body as bytes: transfer and content coding undone. */
export function bodyBytes(response: HttpResponse): Uint8Array {
  const whole = isChunked(response) ? dechunk(response.body) : response.body
  return inflate(whole, header(response, 'content-encoding') ?? '').subarray(0, BODY_CAP)
}

export const bodyText = (response: HttpResponse): string => decode(bodyBytes(response))

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  reg: '®',
  trade: '™',
  copy: '©',
  ndash: '–',
  mdash: '—',
  middot: '·',
  raquo: '»',
}

/** `&amp;`, `&#174;`, `&#xae;` as characters; unknown ones stay. */
export function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0x10ffff ? whole : String.fromCodePoint(code)
  })
}

export function htmlTitle(html: string): string | null {
  const start = /<title(?:\s[^>]{0,200})?>/i.exec(html)
  if (start === null) return null
  const rest = html.slice(start.index + start[0].length, start.index + start[0].length + 1000)
  return cleanOrNull(unescapeHtml(rest.split(/<\/title|<[a-z]/i, 1)[0] ?? ''))
}
