import type { Pool } from 'pg'
import { createParameters } from './compile-query.ts'
import { inTime } from './in-time.ts'
import { ORDERS } from './orders.ts'
import { planOf } from './plan-of.ts'
import type { Endpoint, Facets } from './schema.ts'
import { type Prepared, sourceOf } from './search-source.ts'

/** Matches counted when counting them all is no great work. */
const MOST_COUNTED = 100_000
/** Matches counted when there are more. */
const SOME = 3_000
/** Endpoints looked at when matches are hard to find. */
const LOOKED_AT = 2_000
/** What the planner says of a statement that takes 15 ms or so. */
const COSTLY = 15_000
/** Milliseconds; of the past there is no cheaper way, and the curve of the last days is worth the while. */
const PATIENCE = 20
const PATIENCE_THEN = 250
const TOP = 20

type Row = { readonly facet: string; readonly value: string; readonly count: number }

/**
 * How many matches there are of each kind: all of them up to a hundred thousand. Where counting those takes long only three
 * thousand are: whoever looks for what is frequent need not wait, and the numbers say that they are not all.
 */
export async function facetsOf(pool: Pool, search: Prepared): Promise<Facets> {
  const plan = await planOf(pool, search)
  const all = plan.rows <= MOST_COUNTED && (search.at !== null || plan.cost <= COSTLY)
  const limit = all ? MOST_COUNTED : SOME
  const patience = search.at === null ? PATIENCE : PATIENCE_THEN
  const rows = await inTime<Row>(pool, patience, counting(search, 'endpoints', limit))
  if (rows !== null) return facetsFrom(rows, limit)
  const some = counting(search, 'stretch', SOME)
  const { rows: counted } = await pool.query<Row>(some.sql, some.values)
  return { ...facetsFrom(counted, SOME), complete: false }
}

/** The same of endpoints that are all there are. */
export function facetsIn(endpoints: readonly Endpoint[]): Facets {
  const top = (facet: 'port' | 'service' | 'product' | 'vantage') => {
    const counts = new Map<string, number>()
    for (const { [facet]: value } of endpoints)
      if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
    return [...counts]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, TOP)
  }
  return {
    complete: true,
    hosts: new Set(endpoints.map(({ ip }) => ip)).size,
    port: top('port'),
    service: top('service'),
    product: top('product'),
    vantage: top('vantage'),
  }
}

/** Of `endpoints`, or of the first of them, the `stretch`. */
function counting(search: Prepared, table: 'endpoints' | 'stretch', limit: number) {
  const parameters = createParameters()
  const project = parameters.add(search.projectId)
  const sql = `WITH stretch AS (
      SELECT e.* FROM endpoints e WHERE e.project_id = ${project}::uuid ORDER BY ${ORDERS.ip.by} LIMIT ${LOOKED_AT}
    ), found AS MATERIALIZED (
      SELECT e.ip, e.port, e.service, e.product, e.vantage FROM ${sourceOf(search, parameters, table)}
      LIMIT ${parameters.add(limit)}
    ), kinds AS (
      SELECT port, service, product, vantage, count(*)::int AS count FROM found GROUP BY 1, 2, 3, 4
    ), counted AS (
      SELECT f.facet, f.value, sum(count)::int AS count FROM kinds CROSS JOIN LATERAL (
        VALUES ('port', port::text), ('service', service), ('product', product), ('vantage', vantage)) AS f (facet, value)
      WHERE f.value IS NOT NULL GROUP BY 1, 2
    ), ranked AS (
      SELECT *, row_number() OVER (PARTITION BY facet ORDER BY count DESC, value) AS rank FROM counted
    )
    SELECT facet, value, count FROM ranked WHERE rank <= ${TOP}
    UNION ALL SELECT 'total', '', count(*)::int FROM found
    UNION ALL SELECT 'hosts', '', count(DISTINCT ip)::int FROM found`
  return { sql, values: parameters.values }
}

function facetsFrom(rows: readonly Row[], limit: number): Facets {
  const top = (facet: string) =>
    rows
      .filter((row) => row.facet === facet)
      .map(({ value, count }) => ({ value, count }))
      .sort((a, b) => b.count - a.count)
  const sum = (name: string) => rows.find(({ facet }) => facet === name)?.count ?? 0
  return {
    complete: sum('total') < limit,
    hosts: sum('hosts'),
    port: top('port'),
    service: top('service'),
    product: top('product'),
    vantage: top('vantage'),
  }
}
