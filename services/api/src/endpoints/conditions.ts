import type { Condition, Query } from '@portolan/core/exposure/query/query.ts'

/** Every condition of a search, whatever joins them. */
export function conditionsOf(query: Query): readonly Condition[] {
  if (query.kind === 'not') return conditionsOf(query.part)
  return query.kind === 'is' ? [query.condition] : query.parts.flatMap(conditionsOf)
}
