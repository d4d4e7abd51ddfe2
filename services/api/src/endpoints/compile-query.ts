/**
 * A search as SQL. Nothing of what a user wrote becomes part of the statement: every value is a parameter, every column
 * and operator comes from the tables here.
 */
import type { Comparison, Condition, Query } from '@portolan/core/exposure/query/query.ts'
import { versionKey } from '@portolan/core/exposure/version-order.ts'
import { formatAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, addressAt, type Span } from '@portolan/core/target/address-set.ts'
import { likeOf } from './like.ts'
import { isNamed, type NamedAddresses } from './named-in.ts'

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

/** Whose names and tags are meant. */
export interface Labels {
  readonly projectId: string
  /** The addresses that carry a tag; an empty set when it is not in here. */
  readonly tagged: ReadonlyMap<string, AddressSet>
  readonly named: NamedAddresses
}

/** A condition on the columns of `e`. */
export function compileQuery(query: Query, parameters: Parameters, labels: Labels): string {
  if (query.kind === 'is') return compile(query.condition, parameters, labels)
  // What is not known is not it: `-service:ssh` has the endpoints nobody could identify, too.
  if (query.kind === 'not') return `(${compileQuery(query.part, parameters, labels)}) IS NOT TRUE`
  const parts = query.parts.map((part) => compileQuery(part, parameters, labels))
  return `(${parts.join(query.kind === 'and' ? ' AND ' : ' OR ')})`
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

function compile(condition: Condition, { add }: Parameters, { projectId, tagged, named }: Labels): string {
  switch (condition.field) {
    case 'port': {
      const one = ({ first, last }: { first: number; last: number }) =>
        first === last ? `e.port = ${add(first)}` : `e.port BETWEEN ${add(first)} AND ${add(last)}`
      return `(${condition.ranges.map(one).join(' OR ')})`
    }
    case 'transport':
      return `e.transport = ${add(condition.transport)}::transport`
    case 'state':
      return `e.state = ${add(condition.state)}::port_state`
    case 'net':
      return amid(condition.span, add)
    case 'tag': {
      const spans = tagged.get(condition.tag)?.spans ?? []
      return spans.length === 0 ? 'false' : `(${spans.map((span) => amid(span, add)).join(' OR ')})`
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
      return `${TIMES[condition.field]} ${OPERATORS[condition.comparison]} ${at}::timestamptz`
    }
    case 'has':
      return `${HAS[condition.what]} IS NOT NULL`
    case 'cpe':
      return `EXISTS (SELECT FROM unnest(e.cpe) AS c (name) WHERE ${within('c.name', add(condition.contains))})`
    case 'banner':
      return within('e.evidence_text', add(condition.contains))
    case 'info':
      return within('e.info', add(condition.contains))
    case 'any':
      return `(${anywhere(condition.contains, add).join(' OR ')})`
    default:
      return matches(TEXT[condition.field], condition.pattern.toLowerCase(), add)
  }
}

function amid(span: Span, add: Parameters['add']): string {
  const [first, last] = [span.first, span.last].map((point) => formatAddress(addressAt(point)))
  return `e.ip BETWEEN ${add(first)}::inet AND ${add(last)}::inet`
}

const within = (column: string, placeholder: string) => `position(lower(${placeholder}::text) IN lower(${column})) > 0`

function anywhere(word: string, add: Parameters['add']): string[] {
  const columns = ['e.service', 'e.product', 'e.version', 'e.hostname', 'e.info', 'e.evidence_text', 'host(e.ip)']
  const value = word.includes('*') ? add(`%${likeOf(word.toLowerCase())}%`) : add(word)
  return columns.map((column) => (word.includes('*') ? `lower(${column}) LIKE ${value}` : within(column, value)))
}

function matches(column: string, pattern: string, add: Parameters['add']): string {
  if (!pattern.includes('*')) return `${column} = ${add(pattern)}`
  return `${column} LIKE ${add(likeOf(pattern))}`
}
