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
  const found = new Map<string, readonly string[] | null>()
  for (const condition of conditionsOf(query)) {
    if (condition.field !== 'name') continue
    const { pattern } = condition
    const values: unknown[] = [projectId]
    const add = (value: unknown) => `$${values.push(value)}`
    const { rows } = await pool.query<{ addresses: string[] | null }>(
      `SELECT CASE WHEN count(*) <= ${MOST_ADDRESSES} THEN coalesce(array_agg(DISTINCT host(ip)), '{}') END AS addresses
       FROM (SELECT unnest(h.addresses) AS ip FROM host_names h
         WHERE h.project_id = $1 AND ${isNamed(pattern, add)} LIMIT ${MOST_ADDRESSES + 1}) AS led`,
      values,
    )
    found.set(pattern, rows[0]?.addresses ?? null)
  }
  return found
}

/** A condition on the columns of `h`. Patterns that begin with anything go along the index of names read backwards. */
export function isNamed(pattern: string, add: Parameters['add']): string {
  if (!pattern.includes('*')) return `h.name = ${add(pattern)}`
  if (!pattern.startsWith('*')) return `h.name COLLATE "C" LIKE ${add(likeOf(pattern))}`
  return `reverse(h.name) COLLATE "C" LIKE ${add(likeOf([...pattern].reverse().join('')))}`
}
