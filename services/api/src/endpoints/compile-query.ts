/**
 * A search as SQL. Nothing of what a user wrote becomes part of the statement: every value is a parameter, every column
 * and operator comes from the tables here.
 */
import type { Comparison, Condition, Query, TextField } from '@portolan/core/exposure/query/query.ts'
import { versionKey } from '@portolan/core/exposure/version-order.ts'
import { formatAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, addressAt, type Span } from '@portolan/core/target/address-set.ts'
import { countPorts, listPorts, type PortRange } from '@portolan/core/target/port-set.ts'
import { likeOf, literally } from './like.ts'
import { isNamed, type NamedAddresses } from './named-in.ts'
import { rarestPiece } from './rarest-piece.ts'
import type { Values } from './valued-in.ts'

export interface Parameters {
  readonly values: unknown[]
  /** The placeholder of a value. */
  add(value: unknown): string
}

export function createParameters(...values: unknown[]): Parameters {
  return {
    values,
    add(value) {
      values.push(value)
      return `$${values.length}`
    },
  }
}

/** What was looked up for a search: whose names and tags are meant, what its patterns stand for. */
export interface Labels {
  readonly projectId: string
  /** The addresses that carry a tag; an empty set when it is not in here. */
  readonly tagged: ReadonlyMap<string, AddressSet>
  readonly named: NamedAddresses
  readonly values: Values
}

/** A condition on the columns of `e`. */
export function compileQuery(query: Query, parameters: Parameters, labels: Labels): string {
  if (query.kind === 'is') return compile(query.condition, parameters, labels)
  if (query.kind === 'not') return compileNot(query.part, parameters, labels)
  const parts = query.parts.map((part) => compileQuery(part, parameters, labels))
  return `(${parts.join(query.kind === 'and' ? ' AND ' : ' OR ')})`
}

/** Fields of which everything has a value. */
const ALWAYS = new Set<Condition['field']>(['port', 'transport', 'state', 'net', 'vantage', 'seen', 'first', 'changed'])

/** What is not known is not it: `-service:ssh` has the endpoints nobody could identify, too. */
function compileNot(part: Query, parameters: Parameters, labels: Labels): string {
  const condition = part.kind === 'is' ? part.condition : null
  if (condition?.field === 'has') return `${HAS[condition.what]} IS NULL`
  const compiled = compileQuery(part, parameters, labels)
  return condition !== null && ALWAYS.has(condition.field) ? `NOT (${compiled})` : `(${compiled}) IS NOT TRUE`
}

const TEXT = {
  service: 'lower(e.service)',
  product: 'lower(e.product)',
  vendor: 'lower(e.vendor)',
  os: 'lower(e.os)',
  device: 'lower(e.device)',
  hostname: 'lower(e.hostname)',
  vantage: 'e.vantage',
  'tls.sha256': 'e.tls_sha256',
} as const
const within = (column: string, placeholder: string) => `position(lower(${placeholder}::text) IN lower(${column})) > 0`

const PART = {
  banner: (part: string) => within('e.evidence_text', part),
  info: (part: string) => within('e.info', part),
}
const TIMES = {
  seen: 'e.last_seen',
  first: 'e.first_seen',
  changed: 'e.last_changed',
  'tls.expires': 'e.tls_not_after',
} as const
const HAS = {
  service: 'e.service',
  product: 'e.product',
  version: 'e.version',
  tls: 'e.tls_sha256',
  hostname: 'e.hostname',
} as const
const OPERATORS: Readonly<Record<Comparison, string>> = { '<': '<', '<=': '<=', '=': '=', '>=': '>=', '>': '>' }

function compile(condition: Condition, { add }: Parameters, { projectId, tagged, named, values }: Labels): string {
  switch (condition.field) {
    case 'port':
      return amongPorts(condition.ranges, add)
    case 'transport':
      return `e.transport = ${add(condition.transport)}::transport`
    case 'state':
      return `e.state = ${add(condition.state)}::port_state`
    case 'net':
      return amid(condition.span, add)
    case 'tag': {
      const spans = tagged.get(condition.tag)?.spans ?? []
      return amongSpans(spans, add)
    }
    case 'name': {
      const known = named.get(condition.pattern) ?? null
      if (known !== null) return `e.ip = ANY (${add(known)}::inet[])`
      // So many that whatever order is asked for meets them soon: looked up row by row, not joined and sorted.
      const all = `h.project_id = ${add(projectId)}::uuid AND ${isNamed(condition.pattern, add)}`
      return `(e.ip IN (SELECT unnest(h.addresses) FROM host_names h WHERE ${all})) IS TRUE`
    }
    case 'version':
      return `e.version_key ${OPERATORS[condition.comparison]} ${add(versionKey(condition.version))}`
    case 'seen':
    case 'first':
    case 'changed':
    case 'tls.expires': {
      const at = add(new Date(condition.at).toISOString())
      const then = `${TIMES[condition.field]} ${OPERATORS[condition.comparison]} ${at}::timestamptz`
      // Every certificate has a fingerprint, and in the order of ports there is an index by that.
      return condition.field === 'tls.expires' ? `(e.tls_sha256 IS NOT NULL AND ${then})` : then
    }
    case 'has':
      return `${HAS[condition.what]} IS NOT NULL`
    case 'cpe':
      return `(e.cpe <> '{}' AND lower(lines_of(e.cpe)) LIKE lower(${add(`%${literally(condition.contains)}%`)}::text))`
    case 'banner':
    case 'info':
      return along(condition.contains, PART[condition.field](add(condition.contains)), add)
    case 'any':
      return anywhere(condition.contains, add)
    default: {
      const known = values.get(condition)
      if (known === undefined) return matches(condition.field, condition.pattern, add)
      const column = TEXT[condition.field]
      return known.length === 1 ? `${column} = ${add(known[0])}` : `${column} = ANY (${add(known)}::text[])`
    }
  }
}

/** Ports told one by one: the index has them in order, and the planner knows how frequent each of them is. */
const MOST_PORTS = 1_000

function amongPorts(ranges: readonly PortRange[], add: Parameters['add']): string {
  const one = ({ first, last }: PortRange) =>
    first === last ? `e.port = ${add(first)}` : `e.port BETWEEN ${add(first)} AND ${add(last)}`
  if (ranges.length === 1 || countPorts(ranges) > MOST_PORTS) return `(${ranges.map(one).join(' OR ')})`
  return `e.port = ANY (${add([...listPorts(ranges)])}::int[])`
}

/** Spans in order. What all of them lie in tells the planner where to start in the order of addresses. */
function amongSpans(spans: readonly Span[], add: Parameters['add']): string {
  const [first, last] = [spans[0], spans.at(-1)]
  if (first === undefined || last === undefined) return 'false'
  const each = `(${spans.map((span) => amid(span, add)).join(' OR ')})`
  return spans.length === 1 ? each : `(${amid({ first: first.first, last: last.last }, add)} AND ${each})`
}

function amid(span: Span, add: Parameters['add']): string {
  const [first, last] = [span.first, span.last].map((point) => formatAddress(addressAt(point)))
  return `e.ip BETWEEN ${add(first)}::inet AND ${add(last)}::inet`
}

/** All that is known of an endpoint in words, one value a line. There is an index of the parts of it. */
const WORDS = `endpoint_text(e.service, e.product, e.version, e.vendor, e.info, e.os, e.device, e.hostname, e.cpe,
  e.evidence_text, e.ip)`

function anywhere(pattern: string, add: Parameters['add']): string {
  const there = pattern.includes('*')
    ? `(${WORDS} || '') LIKE lower(${add(`%${likeOf(pattern)}%`)}::text)`
    : `position(lower(${add(pattern)}::text) IN ${WORDS}) > 0`
  return along(pattern, there, add)
}

/** `condition`, looked for along the index of parts where there is a part that it goes by. */
function along(pattern: string, condition: string, add: Parameters['add']): string {
  const piece = rarestPiece(pattern)
  return piece === null ? condition : `(${WORDS} LIKE lower(${add(`%${likeOf(piece)}%`)}::text) AND ${condition})`
}

function matches(field: TextField, pattern: string, add: Parameters['add']): string {
  const value = (text: string) => `lower(${add(text)}::text)`
  if (!pattern.includes('*')) return `${TEXT[field]} = ${value(pattern)}`
  // Read backwards, an end is a beginning.
  if (field === 'hostname' && /^\*[^*]/.test(pattern)) {
    const backwards = likeOf([...pattern].reverse().join(''))
    return `reverse(lower(e.hostname)) COLLATE "C" LIKE ${value(backwards)}`
  }
  const like = `${TEXT[field]} LIKE ${value(likeOf(pattern))}`
  return field === 'vantage' || field === 'tls.sha256' ? like : along(pattern, like, add)
}
