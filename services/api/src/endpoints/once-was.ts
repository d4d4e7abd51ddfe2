import type { Condition, Query } from '@portolan/core/exposure/query/query.ts'
import { compileQuery, type Labels, type Parameters } from './compile-query.ts'

/** By condition, the endpoints that may have met it before they changed; null: too many to list. */
export type ChangedSince = ReadonlyMap<Condition, readonly string[] | null>

interface Known {
  readonly labels: Labels
  readonly changed: ChangedSince
}

/** What an endpoint is for ever. */
const LASTING = new Set<Condition['field']>(['port', 'transport', 'net', 'vantage', 'name', 'tag', 'first'])

/** Whether anything is known of who met this at the past moment. */
export function isKnown(query: Query, changed: ChangedSince): boolean {
  if (query.kind === 'not') return false
  if (query.kind === 'is') return LASTING.has(query.condition.field) || (changed.get(query.condition) ?? null) !== null
  const known = (part: Query) => isKnown(part, changed)
  return query.kind === 'or' ? query.parts.every(known) : query.parts.some(known)
}

/**
 * A condition on endpoints as they are now that all which met the search at the past moment meet, and few others: what
 * was rare then need not be looked for in everything.
 */
export function onceWas(query: Query, parameters: Parameters, known: Known): string {
  const { changed, labels } = known
  if (query.kind === 'not' || !isKnown(query, changed)) return 'true'
  if (query.kind === 'is') {
    const now = compileQuery(query, parameters, labels)
    const before = changed.get(query.condition) ?? null
    return before === null ? now : `(${now} OR e.id = ANY (${parameters.add(before)}::uuid[]))`
  }
  const parts = query.parts.filter((part) => isKnown(part, changed)).map((part) => onceWas(part, parameters, known))
  return `(${parts.join(query.kind === 'and' ? ' AND ' : ' OR ')})`
}
