import type { Query } from '@portolan/core/exposure/query/query.ts'
import type { Pool } from 'pg'
import type { Parameters } from './compile-query.ts'
import { conditionsOf } from './conditions.ts'
import { likeOf } from './like.ts'

/** Addresses one pattern may lead to and still be told to the database one by one. */
const MOST_ADDRESSES = 10_000

/** By pattern, the addresses of the hosts it names; null: too many to list. */
export type NamedAddresses = ReadonlyMap<string, readonly string[] | null>

/**
 * Where the names in a search lead. Known before the search is planned, they are what it starts from when they are few:
 * a sub-query would be taken for two hundred addresses, however many it has.
 */
export async function namedIn(pool: Pool, projectId: string, query: Query): Promise<NamedAddresses> {
  const patterns = [...new Set(conditionsOf(query).flatMap((one) => (one.field === 'name' ? [one.pattern] : [])))]
  if (patterns.length === 0) return new Map()
  const values: unknown[] = [projectId]
  const add = (value: unknown) => `$${values.push(value)}`
  const each = patterns.map(
    (pattern) =>
      `(SELECT CASE WHEN count(*) <= ${MOST_ADDRESSES} THEN coalesce(array_agg(DISTINCT host(ip)), '{}') END
       FROM (SELECT unnest(h.addresses) AS ip FROM host_names h
         WHERE h.project_id = $1 AND ${isNamed(pattern, add)} LIMIT ${MOST_ADDRESSES + 1}) AS led)`,
  )
  const { rows } = await pool.query<(string[] | null)[]>({
    text: `SELECT ${each.join(', ')}`,
    values,
    rowMode: 'array',
  })
  return new Map(patterns.map((pattern, i) => [pattern, rows[0]?.[i] ?? null]))
}

/** A condition on the columns of `h`. Patterns that begin with anything go along the index of names read backwards. */
export function isNamed(pattern: string, add: Parameters['add']): string {
  if (!pattern.includes('*')) return `h.name = ${add(pattern)}`
  if (!pattern.startsWith('*')) return `h.name COLLATE "C" LIKE ${add(likeOf(pattern))}`
  return `reverse(h.name) COLLATE "C" LIKE ${add(likeOf([...pattern].reverse().join('')))}`
}
