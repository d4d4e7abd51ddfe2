/**
 * Reads a fingerprint database in Recog's XML format, as its schema documents it:
 *
 *   <fingerprints matches="ssh.banner" protocol="ssh" preference="0.90">
 *     <fingerprint pattern="^Foo_([\d.]+)$" flags="REG_ICASE">
 *       <description>..</description> <example service.version="1.2">Foo_1.2</example>
 *       <param pos="0" name="service.product" value="Foo"/> <param pos="1" name="service.version"/>
 *
 * `pos` 0 is a constant; others are captures. A value may refer to another field: `{service.version}`. The files are
 * the user's; none is shipped.
 */
import { MalformedXml, type XmlEvent, XmlTokenizer } from '#core/format/xml-tokenizer.ts'
import { type BytePattern, translatePerl } from './perl-pattern.ts'

export interface RecogFingerprint {
  readonly pattern: BytePattern
  readonly params: readonly { readonly position: number; readonly name: string; readonly value: string }[]
}

export interface RecogDatabase {
  /** What text it is about: `ssh.banner`, `http_header.server`, ... */
  readonly matches: string
  /** 0.10 to 0.90; higher goes first. */
  readonly preference: number
  readonly fingerprints: readonly RecogFingerprint[]
  /** Fingerprints whose pattern cannot be used, with the reason. */
  readonly skipped: readonly { readonly line: number; readonly why: string }[]
}

/** A database has some thousand fingerprints of a few parameters. */
const PARAMS_CAP = 64

type Draft = { pattern: BytePattern | null; params: { position: number; name: string; value: string }[] }
type Reading = {
  matches: string
  preference: number
  fingerprints: RecogFingerprint[]
  skipped: { line: number; why: string }[]
  draft: Draft | null
}

/** Throws MalformedXml, and when the document is not a fingerprint database. */
export function readRecog(xml: string): RecogDatabase {
  const tokenizer = new XmlTokenizer()
  const reading: Reading = { matches: '', preference: 0.1, fingerprints: [], skipped: [], draft: null }
  // In pieces, so that the line number of a skipped fingerprint is near the truth.
  for (const line of xml.split(/(?<=\n)/))
    for (const event of tokenizer.push(line)) take(event, tokenizer.line, reading)
  if (reading.matches === '') throw new MalformedXml('there is no <fingerprints matches="...">')
  return reading
}

function take(event: XmlEvent, line: number, reading: Reading): void {
  if (event.type === 'close' && event.name === 'fingerprint') {
    const { draft } = reading
    if (draft?.pattern) reading.fingerprints.push({ pattern: draft.pattern, params: draft.params })
    reading.draft = null
  }
  if (event.type !== 'open') return
  const attribute = (name: string) => event.attributes.get(name) ?? ''
  if (event.name === 'fingerprints') {
    reading.matches = attribute('matches')
    reading.preference = Number(attribute('preference')) || 0.1
  } else if (event.name === 'fingerprint')
    reading.draft = draftOf(attribute('pattern'), attribute('flags'), line, reading)
  else if (event.name === 'param' && reading.draft !== null && reading.draft.params.length < PARAMS_CAP)
    reading.draft.params.push({
      position: Number(attribute('pos')) || 0,
      name: attribute('name'),
      value: attribute('value'),
    })
}

function draftOf(pattern: string, flags: string, line: number, reading: Reading): Draft {
  const perl = `${/REG_ICASE|IGNORECASE/.test(flags) ? 'i' : ''}${/REG_DOT_NEWLINE|REG_MULTILINE/.test(flags) ? 's' : ''}`
  const translated = translatePerl(pattern, perl)
  if (translated.ok) return { pattern: translated.pattern, params: [] }
  reading.skipped.push({ line, why: translated.why })
  return { pattern: null, params: [] }
}

/** The fields a text yields, constants and captures, with references filled in; null when no fingerprint matches. */
export function matchRecog({ fingerprints }: RecogDatabase, text: string): ReadonlyMap<string, string> | null {
  const bytes = Buffer.from(text, 'latin1')
  const lower = text.toLowerCase()
  for (const { pattern, params } of fingerprints) {
    if (pattern.first !== null && pattern.first !== bytes[0]) continue
    if (pattern.literal !== null && !lower.includes(pattern.literal)) continue
    const captures = pattern.exec(bytes)
    if (captures !== null) return fields(params, captures)
  }
  return null
}

function fields(params: RecogFingerprint['params'], captures: readonly (string | undefined)[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const { position, name, value } of params) {
    const text = position === 0 ? value : captures[position]
    if (text !== undefined && text !== '') found.set(name, text)
  }
  for (const [name, text] of found) {
    if (!text.includes('{')) continue
    const filled = text.replace(/\{([\w.]+)\}/g, (_, key) => found.get(key) ?? '-')
    found.set(name, filled)
  }
  return found
}
