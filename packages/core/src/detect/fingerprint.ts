/**
 * Fingerprints: knowledge as data. One says what a text looks like and what that means; the captures name themselves.
 *
 *   { match: /^ProFTPD (?<version>\d\S*)/, product: 'ProFTPD', cpe: 'proftpd:proftpd',
 *     examples: { 'ProFTPD 1.3.5e Server (Debian)': '1.3.5e' } }
 *
 * Named groups: product, version, vendor, info, os, device, hostname. A group wins over the field of the same name;
 * `model` is appended to the product.
 * The version is reduced to upstream's, the operating system is read from the whole text when nothing says it.
 */
import { type CpePart, cpe, versioned } from './cpe.ts'
import { operatingSystem } from './operating-system.ts'
import type { Service } from './protocol.ts'
import { cleanOrNull } from './text.ts'
import { upstream, versionIn } from './version.ts'

export interface Fingerprint {
  /** Linear-time: no nested quantifiers. Texts are cut before they are matched. */
  readonly match: RegExp
  /** A piece of text no match can do without, in lower case. Left out: it is read from the pattern. */
  readonly literal?: string
  readonly product?: string
  /** For products whose text gives the version by other means than a number. */
  readonly version?: string
  readonly vendor?: string
  readonly info?: string
  readonly os?: string
  readonly device?: string
  /** `vendor:product` of an application, or with `h:` or `o:` in front; the version is appended. */
  readonly cpe?: string
  /** Text -> the version it must yield, null for none. Replayed by a test. */
  readonly examples: Readonly<Record<string, string | null>>
}

/** One whose pattern is made when it is first tried: of some thousand a run tries a few, and making all takes long. */
export function lateFingerprint(
  pattern: () => RegExp,
  examples: () => Fingerprint['examples'],
  rest: Omit<Fingerprint, 'match' | 'examples'>,
): Fingerprint {
  let made: RegExp | null = null
  return {
    ...rest,
    get examples() {
      return examples()
    },
    get match() {
      made ??= pattern()
      return made
    },
  }
}

/** What a text told: fields of a Service, only those it told. */
export type Known = Partial<Omit<Service, 'name'>>

/** Longer texts are cut before matching. */
const TEXT_CAP = 2048

export type Matcher = (text: string) => Known | null

/**
 * The first fingerprint that matches, in the order given. An index on a piece of text each pattern cannot do without
 * spares nearly all the others. Of longer texts only the first `cap` characters count.
 */
export function createMatcher(fingerprints: readonly Fingerprint[], cap = TEXT_CAP): Matcher {
  return (text) => {
    const index = indexOf(fingerprints)
    const subject = text.slice(0, cap)
    const lower = subject.toLowerCase()
    for (const i of candidates(lower, index)) {
      const fingerprint = fingerprints[i]
      if (index.literals[i]?.some((literal) => lower.includes(literal)) === false) continue
      const found = fingerprint?.match.exec(subject)
      if (fingerprint !== undefined && found) return known(fingerprint, found, subject)
    }
    return null
  }
}

/** What the first knows, else what the second does: of tables that others look into, too, each keeps its one index. */
export const either =
  (first: Matcher, second: Matcher): Matcher =>
  (text) =>
    first(text) ?? second(text)

interface Index {
  /** What each pattern cannot do without, one of them; null: nothing is known. */
  readonly literals: readonly (readonly string[] | null)[]
  /** Ordinals of the fingerprints by a trigram of their literals. */
  readonly byTrigram: ReadonlyMap<number, readonly number[]>
  /** Ordinals of those that are always tried. */
  readonly always: readonly number[]
}

/** By table: several protocols look into the same one. */
const indexes = new WeakMap<readonly Fingerprint[], Index>()

/** Made for the first text: most runs meet the texts of few protocols, and all the indexes take a tenth of a second. */
function indexOf(fingerprints: readonly Fingerprint[]): Index {
  const index = indexes.get(fingerprints) ?? createIndex(fingerprints)
  indexes.set(fingerprints, index)
  return index
}

function createIndex(fingerprints: readonly Fingerprint[]): Index {
  const byTrigram = new Map<number, number[]>()
  const always: number[] = []
  const literals = fingerprints.map(literalsNeeded)
  for (const [i, each] of literals.entries()) {
    if (each === null) always.push(i)
    for (const key of new Set(each?.map((literal) => rarestTrigram(literal, byTrigram))))
      byTrigram.set(key, [...(byTrigram.get(key) ?? []), i])
  }
  return { literals, byTrigram, always }
}

/** Those of three characters or more: shorter ones have no trigram. */
function literalsNeeded(fingerprint: Fingerprint): readonly string[] | null {
  const { literal } = fingerprint
  if (literal === undefined) return literalsOf(fingerprint.match.source)
  return literal.length < 3 ? null : [literal]
}

/** Ordinals of the fingerprints whose piece of text occurs, in order. */
function candidates(text: string, { byTrigram, always }: Index): number[] {
  const found = new Set(always)
  for (let i = 0; i + 2 < text.length; i++) for (const n of byTrigram.get(trigramAt(text, i)) ?? []) found.add(n)
  return [...found].sort((a, b) => a - b)
}

const trigramAt = (text: string, i: number): number =>
  ((text.charCodeAt(i) & 0xff) << 16) | ((text.charCodeAt(i + 1) & 0xff) << 8) | (text.charCodeAt(i + 2) & 0xff)

/** The least used so far of the trigrams of a literal, so that lists stay short. */
function rarestTrigram(literal: string, index: ReadonlyMap<number, readonly number[]>): number {
  const trigrams = Array.from({ length: literal.length - 2 }, (_, i) => trigramAt(literal, i))
  return trigrams.reduce((best, t) => ((index.get(t)?.length ?? 0) < (index.get(best)?.length ?? 0) ? t : best))
}

/**
 * For each alternative of this pattern the longest run of plain characters its matches contain, in lower case; null
 * when one has none of three or more. Reads the source: groups, classes and optional characters interrupt a run.
 */
export function literalsOf(source: string): readonly string[] | null {
  const alternatives: string[][] = [['']]
  const parts = source.matchAll(/\(\?<?[=!]|\((?:\?(?:<\w+>|:))?|\)|\[(?:\\.|[^\]\\])*\]|\\(.)|\{[\d,]*\}|[\s\S]/g)
  let depth = 0
  for (const [part, escaped] of parts) {
    const runs = alternatives.at(-1) ?? []
    if (part.startsWith('(')) depth++
    else if (part === ')') depth--
    if (depth > 0 || part.startsWith('(') || part === ')') runs.push('')
    else if (part === '|') alternatives.push([''])
    else if (/^[?*{]/.test(part)) runs.push('', (runs.pop() ?? '').slice(0, -1), '')
    else if (/^[+^$.[]/.test(part) || /^\\[a-zA-Z0-9]/.test(part)) runs.push('')
    else runs.push((runs.pop() ?? '') + (escaped ?? part))
  }
  const longest = alternatives.map((runs) => runs.reduce((best, run) => (run.length > best.length ? run : best)))
  return longest.every((run) => run.length >= 3) ? longest.map((run) => run.toLowerCase()) : null
}

function known(fingerprint: Fingerprint, found: RegExpExecArray, text: string): Known {
  const { product: p, version: v, vendor: w, info: i, os: o, device: d, hostname: h, model: m } = found.groups ?? {}
  const version = cleanOrNull(v === undefined ? fingerprint.version : upstream(v.replace(/[.,;:]+$/, '')), 64)
  const product = cleanOrNull([p ?? fingerprint.product, m].filter(Boolean).join(' '), 128)
  const system = operatingSystem(text)
  const told = {
    product,
    version,
    vendor: cleanOrNull(w ?? fingerprint.vendor, 128),
    info: cleanOrNull(i ?? fingerprint.info),
    os: cleanOrNull(o ?? fingerprint.os, 128) ?? system?.name ?? null,
    device: cleanOrNull(d ?? fingerprint.device, 64),
    hostname: cleanOrNull(h, 253),
    cpe: withoutTwins([...cpeOf(fingerprint.cpe, version), ...(system?.cpe ?? [])]),
  }
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null))
}

/** The system a text names may be the product itself: one name is enough, the first. */
const withoutTwins = (names: readonly string[]): string[] => {
  const product = (name: string) => name.split(':', 5).join(':')
  return names.filter((name, i) => names.findIndex((each) => product(each) === product(name)) === i)
}

/**
 * A table knows the name in all its spellings; the version stands where each release put it. `others`: numbers that are
 * not the product's.
 */
export function withVersionFrom(text: string, known: Known, others: readonly RegExp[] = []): Known {
  if (!known.product || known.version || !/\d/.test(text)) return known
  const found = versionIn(others.reduce((rest, other) => rest.replace(other, ' '), text))
  if (found === null) return known
  const version = upstream(found)
  return { ...known, version, ...(known.cpe === undefined ? {} : { cpe: versioned(known.cpe, version) }) }
}

/** Of a name only the first colons separate: a product may have one itself. */
function cpeOf(name: string | undefined, version: string | null): string[] {
  const [, part = 'a', vendor, product] = /^(?:([aoh]):)?([^:]+):(.+)$/.exec(name ?? '') ?? []
  if (vendor === undefined) return []
  // because the pattern left one of the three letters
  return [cpe(part as CpePart, vendor, product, version)]
}
