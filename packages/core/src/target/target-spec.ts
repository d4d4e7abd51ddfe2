/**
 * Target specs: text that names addresses.
 *
 *   spec    = address | cidr | range | octets | name [ "/" prefix ]
 *   cidr    = address "/" prefix                       10.0.0.0/24, 2001:db8::/64
 *   range   = address "-" address                      10.0.0.1-10.0.0.50, 2001:db8::1-2001:db8::ff
 *   octets  = four octet lists                         10.0.0.1-50, 10.0.0-3.1-254, 10.0.0.1,3,5
 *   name    = RFC 1123 host name, IDN, trailing dot    example.org, bücher.example, db.internal.
 *
 * Nothing is resolved here: names are handed out, their addresses are handed in (`resolveTargets`).
 */
import { domainToASCII } from 'node:url'
import { type Address, IPV4_WRAPPERS, parseAddress, unwrapIPv4 } from './address.ts'
import {
  type AddressSet,
  pointOf,
  type Span,
  setOf,
  setOfAddresses,
  spanOfCidr,
  subtract,
  union,
} from './address-set.ts'
import { parseCidr, parsePrefix, refuseMapped } from './cidr.ts'
import { parseOctets } from './octets.ts'
import { flawed, good, type Parsed, type SpecError } from './parsed.ts'

/** A host name to resolve: lower-case ASCII without a trailing dot. */
export type NameTarget = {
  readonly name: string
  /** `name/24`: the block around each resolved address. Up to 32 for IPv4 answers, from 33 for IPv6 ones. */
  readonly prefix: number | null
}

export type TargetSpec =
  | { readonly kind: 'addresses'; readonly spans: readonly Span[] }
  | { readonly kind: 'name'; readonly target: NameTarget }

/** What a list of specs names: addresses given literally, and names still to be resolved. */
export type Targets = { readonly literal: AddressSet; readonly names: readonly NameTarget[] }

export interface ParseTargetsOptions {
  /** JSON pointer of the list. */
  readonly pointer?: string
  /** Ranges the whole list may fall apart into: octet lists of a few words name a great many. */
  readonly mostRanges?: number
}

/** Parses every spec and reports every flaw, not just the first. Stops where there are too many ranges. */
export function parseTargets(
  specs: readonly string[],
  { pointer = '/targets', mostRanges = Number.POSITIVE_INFINITY }: ParseTargetsOptions = {},
): { readonly ok: true; readonly targets: Targets } | { readonly ok: false; readonly errors: readonly SpecError[] } {
  const errors: SpecError[] = []
  const spans: Span[] = []
  const names = new Map<string, NameTarget>()
  for (const [i, spec] of specs.entries()) {
    const parsed = parseTargetSpec(spec)
    const at = { pointer: `${pointer}/${i}`, spec: spec.slice(0, 300) }
    if (!parsed.ok) errors.push({ ...at, ...parsed.flaw })
    else if (parsed.value.kind === 'name') {
      const { target } = parsed.value
      names.set(`${target.name}/${target.prefix}`, target)
    } else for (const span of parsed.value.spans) spans.push(span)
    if (spans.length > mostRanges) return { ok: false, errors: [...errors, { ...at, position: 0, ...TOO_RAGGED }] }
  }
  if (errors.length > 0) return { ok: false, errors }
  return { ok: true, targets: { literal: setOf(spans), names: [...names.values()] } }
}

const TOO_RAGGED = { problem: 'the targets fall apart into too many ranges', fix: 'write them as CIDR blocks' }

/**
 * The specs in one word of a command line. Commas separate specs there, but also octets (`10.0.0.1,3,5`): the word is
 * one spec when it is a valid one, several when each of its pieces is.
 */
export function splitTargetWord(word: string): readonly string[] {
  if (!word.includes(',') || parseTargetSpec(word).ok) return [word]
  const pieces = word.split(',')
  return pieces.every((piece) => parseTargetSpec(piece).ok) ? pieces : [word]
}

/** The specs of a target file: separated by white space, `#` starts a comment. */
export function splitTargetText(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => line.replace(/#.*/, '').split(/\s+/))
    .filter((spec) => spec !== '')
}

export function parseTargetSpec(text: string): Parsed<TargetSpec> {
  if (text.trim() === '') return flawed(0, 'the target is empty', 'name an address, a block, a range or a host')
  if (text.length > 1024) return flawed(1024, 'the target is too long', 'split it')
  const blank = text.search(/\s/)
  if (blank >= 0) return flawed(blank, 'there is white space in the target', 'give each target apart')
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)
  if (url) return flawed(0, 'this is a URL', 'write only its host, and its port among the ports')
  if (text.includes(':')) return parseV6Spec(text)
  if (/^[\d.,*-]+(\/.*)?$/.test(text)) return parseV4Spec(text)
  return parseName(text)
}

const addresses = (...spans: readonly Span[]): Parsed<TargetSpec> => good({ kind: 'addresses', spans })

function parseV6Spec(text: string): Parsed<TargetSpec> {
  const port = /^(?:\[.*\]|[^:]+):\d{1,5}$/.exec(text)
  if (port) return flawed(text.lastIndexOf(':'), 'ports do not belong in a target', 'put the port among the ports')
  if (text.includes('-')) return parseRange(text, text.indexOf('-'))
  const cidr = parseCidr(text)
  return cidr.ok ? addresses(spanOfCidr(cidr.value)) : cidr
}

function parseV4Spec(text: string): Parsed<TargetSpec> {
  if (text.includes('/') || !/[-,*]/.test(text)) {
    const cidr = parseCidr(text)
    return cidr.ok ? addresses(spanOfCidr(cidr.value)) : cidr
  }
  if (/^\d+(\.\d+){3}-\d+\./.test(text)) return parseRange(text, text.indexOf('-'))
  const octets = parseOctets(text)
  return octets.ok ? addresses(...octets.value) : octets
}

function parseRange(text: string, dash: number): Parsed<TargetSpec> {
  const first = parseAddress(text.slice(0, dash))
  if (!first.ok) return first
  const last = parseAddress(text.slice(dash + 1))
  if (!last.ok) return flawed(dash + 1 + last.flaw.position, last.flaw.problem, last.flaw.fix)
  const mapped = refuseMapped(first.value) ?? refuseMapped(last.value)
  if (mapped) return mapped
  if (first.value.family !== last.value.family)
    return flawed(dash + 1, 'the ends of the range are of different families', 'write two ranges')
  const span = { first: pointOf(first.value), last: pointOf(last.value) }
  if (span.first > span.last) return flawed(dash, 'the range runs backwards', 'swap its ends')
  return addresses(span)
}

const NAME_RULE = 'write letters, digits and hyphens separated by dots, such as www.example.org'

/** RFC 1123 section 2.1 and RFC 1035 section 2.3.4. A last label of digits is an IPv4 spelling, never a name. */
function parseName(text: string): Parsed<TargetSpec> {
  const slash = text.indexOf('/')
  const prefix = slash < 0 ? null : parsePrefix(text, slash + 1, 128)
  if (prefix && !prefix.ok) return prefix
  const given = slash < 0 ? text : text.slice(0, slash)
  const verbatim = /^[\x21-\x7e]*$/.test(given)
  const ascii = verbatim ? given.toLowerCase() : domainToASCII(given)
  if (ascii === '') return flawed(0, 'this is neither an address nor a host name', NAME_RULE)
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii
  if (name.length > 253) return flawed(0, 'the name is longer than 253 characters', 'shorten it')
  // A place in the ASCII form of an IDN says nothing about the text that was given.
  const bad = (at: number, problem: string) => flawed(verbatim ? at : 0, problem, NAME_RULE)
  let at = 0
  const labels = name.split('.')
  for (const label of labels) {
    if (label === '') return bad(at, 'a label of the name is empty')
    if (label.length > 63) return bad(at, 'a label of the name is longer than 63 characters')
    const odd = label.search(/[^a-z0-9-]/)
    if (odd >= 0) return bad(at + odd, `${JSON.stringify(label[odd])} cannot stand in a host name`)
    if (/^-|-$/.test(label)) return bad(at, 'a label of the name starts or ends with a hyphen')
    at += label.length + 1
  }
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) {
    const address = parseAddress(name)
    if (address.ok) return flawed(0, 'this is an IPv4 address in disguise', `write ${name}`)
    return flawed(verbatim ? address.flaw.position : 0, address.flaw.problem, address.flaw.fix)
  }
  return good({ kind: 'name', target: { name, prefix: prefix?.value ?? null } })
}

export type ResolveInput = {
  readonly targets: Targets
  readonly exclude?: Targets
  /** Every address of every name, resolved once by the caller. */
  readonly answers?: ReadonlyMap<string, readonly Address[]>
}

/** Literal addresses and resolved names, minus the exclusions. `unresolved` lists names without an address. */
export function resolveTargets({ targets, exclude, answers = new Map() }: ResolveInput) {
  const unresolved = new Set<string>()
  const reach = ({ literal, names }: Targets): AddressSet => {
    const named = names.map(({ name, prefix }) => {
      const found = (answers.get(name) ?? []).map(plain)
      if (found.length === 0) unresolved.add(name)
      if (prefix === null) return setOfAddresses(found)
      const family = prefix <= 32 ? 4 : 6
      return setOf(
        found.filter((address) => address.family === family).map((address) => spanOfCidr({ address, prefix })),
      )
    })
    return union(literal, ...named)
  }
  const wanted = reach(targets)
  return { addresses: exclude ? subtract(wanted, reach(exclude)) : wanted, unresolved: [...unresolved] }
}

/** A v4-mapped answer is the IPv4 address: the kernel would connect to it over IPv4. */
function plain(address: Address): Address {
  const inner = address.family === 6 ? unwrapIPv4(address.value) : null
  return inner?.via === IPV4_WRAPPERS[0].name ? { family: 4, value: inner.v4 } : address
}
