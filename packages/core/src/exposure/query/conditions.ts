/** How the value of each field is read. */
import { parseAddress } from '#core/target/address.ts'
import { pointOf, type Span, spanOfCidr } from '#core/target/address-set.ts'
import { parseCidr } from '#core/target/cidr.ts'
import { flawed, good, type Parsed } from '#core/target/parsed.ts'
import type { PortRange } from '#core/target/port-set.ts'
import { parseNamePattern } from '../name-pattern.ts'
import type { Comparison, Condition, TextField } from './query.ts'

/** `now` in milliseconds since 1970. */
type Reader = (value: string, now: number) => Parsed<Condition>

const text = (field: TextField): Reader => {
  return (value) => (value === '' ? empty(field) : good({ field, pattern: value }))
}
const part = (field: 'cpe' | 'banner' | 'info'): Reader => {
  return (value) => (value === '' ? empty(field) : good({ field, contains: value }))
}
const empty = (field: string) => flawed(0, `${field}: has no value`, `write ${field}:something, or has:${field}`)

export const FIELDS: Readonly<Record<string, Reader>> = {
  port: readPorts,
  transport: (value) =>
    value === 'tcp' || value === 'udp'
      ? good({ field: 'transport', transport: value })
      : flawed(0, `${quote(value)} is no transport`, 'write tcp or udp'),
  state: (value) =>
    value === 'open' || value === 'closed' || value === 'filtered' || value === 'open|filtered'
      ? good({ field: 'state', state: value })
      : flawed(0, `${quote(value)} is no state`, 'write open, closed, filtered or open|filtered'),
  net: readNet,
  ip: readNet,
  service: text('service'),
  product: text('product'),
  vendor: text('vendor'),
  os: text('os'),
  device: text('device'),
  hostname: text('hostname'),
  name: (value) => {
    const pattern = parseNamePattern(value)
    return pattern.ok ? good({ field: 'name', pattern: pattern.value }) : pattern
  },
  tag: (value) => (value === '' ? flawed(0, 'tag: has no value', 'write tag:dmz') : good({ field: 'tag', tag: value })),
  vantage: text('vantage'),
  'tls.sha256': text('tls.sha256'),
  cpe: part('cpe'),
  banner: part('banner'),
  info: part('info'),
  version: readVersion,
  seen: (value, now) => readAge('seen', value, now),
  first: (value, now) => readAge('first', value, now),
  changed: (value, now) => readAge('changed', value, now),
  'tls.expires': readExpiry,
  has: (value) =>
    value === 'service' || value === 'product' || value === 'version' || value === 'tls' || value === 'hostname'
      ? good({ field: 'has', what: value })
      : flawed(0, `has: does not know ${quote(value)}`, 'write has:service, product, version, tls or hostname'),
}

const quote = (value: string) => `"${value.slice(0, 40)}"`

const MAX_RANGES = 100

function readPorts(value: string): Parsed<Condition> {
  const ranges: PortRange[] = []
  for (const item of value.split(',', MAX_RANGES)) {
    const [, first, last = first] = item.match(/^(\d{1,5})(?:-(\d{1,5}))?$/) ?? []
    if (first === undefined) return flawed(0, `${quote(item)} is no port`, 'write port:22, port:80,443 or port:1-1024')
    const range = { first: Number(first), last: Number(last) }
    if (range.last > 65_535) return flawed(0, `${range.last} is over 65535`, 'ports go from 0 to 65535')
    if (range.first > range.last)
      return flawed(0, `${quote(item)} runs backwards`, `write ${range.last}-${range.first}`)
    ranges.push(range)
  }
  return good({ field: 'port', ranges })
}

function readNet(value: string): Parsed<Condition> {
  const [low = '', high] = value.split('-')
  if (high === undefined) {
    const cidr = parseCidr(value)
    return cidr.ok ? good({ field: 'net', span: spanOfCidr(cidr.value) }) : cidr
  }
  const first = parseAddress(low)
  const last = parseAddress(high)
  if (!first.ok) return first
  if (!last.ok) return flawed(low.length + 1 + last.flaw.position, last.flaw.problem, last.flaw.fix)
  const span: Span = { first: pointOf(first.value), last: pointOf(last.value) }
  if (first.value.family !== last.value.family || span.first > span.last)
    return flawed(0, 'a range goes from a lower to a higher address of one family', 'write 10.0.0.1-10.0.0.9')
  return good({ field: 'net', span })
}

type Compared = { readonly comparison: Comparison; readonly rest: string }

/** `<9.6`, `>=2`, `=1.0` or `1.0`. */
function readComparison(value: string, otherwise: Comparison): Compared {
  for (const comparison of ['<=', '>=', '<', '>', '='] as const)
    if (value.startsWith(comparison)) return { comparison, rest: value.slice(comparison.length).trim() }
  return { comparison: otherwise, rest: value.trim() }
}

function readVersion(value: string): Parsed<Condition> {
  const { comparison, rest } = readComparison(value, '=')
  if (!/[\da-z]/i.test(rest)) return flawed(0, `${quote(value)} is no version`, 'write version:9.6 or version:<9.6')
  return good({ field: 'version', comparison, version: rest })
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
const FLIPPED: Readonly<Record<Comparison, Comparison>> = { '<': '>', '<=': '>=', '=': '=', '>=': '<=', '>': '<' }
const HOW = 'write an age (30m, 12h, 7d, 2w) or a date (2026-11-03), with < or > before it'

/** Milliseconds, or null. */
function durationOf(text: string): number | null {
  const [, count, unit = ''] = text.match(/^(\d{1,6})([smhdw])$/) ?? []
  return count === undefined ? null : Number(count) * (UNITS[unit] ?? 0)
}

/** Within 1970 and 9999, which every database can hold: nothing was seen before, and nothing expires after. */
const clamp = (at: number) => Math.min(Math.max(at, 0), Date.UTC(9999, 11, 31))

/** Milliseconds since 1970, or null. */
function momentOf(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/.test(text)) return null
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : clamp(at)
}

/** An age: a younger thing happened at a later moment, so the comparison turns round. A date does not. */
function readAge(field: 'seen' | 'first' | 'changed', value: string, now: number): Parsed<Condition> {
  const { comparison, rest } = readComparison(value, '<')
  const age = durationOf(rest)
  if (age !== null) return good({ field, comparison: FLIPPED[comparison], at: clamp(now - age) })
  const at = momentOf(rest)
  return at === null ? flawed(0, `${quote(value)} is no time`, HOW) : good({ field, comparison, at })
}

/** `<30d`: expires within 30 days, or has expired. */
function readExpiry(value: string, now: number): Parsed<Condition> {
  const { comparison, rest } = readComparison(value, '<')
  const left = durationOf(rest)
  const at = left === null ? momentOf(rest) : clamp(now + left)
  if (at === null) return flawed(0, `${quote(value)} is no time`, HOW)
  return good({ field: 'tls.expires', comparison, at })
}
