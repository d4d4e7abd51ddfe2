import type { Pool } from 'pg'
import { createParameters } from './compile-query.ts'
import { inTime } from './in-time.ts'
import { ORDERS } from './orders.ts'
import { planOf } from './plan-of.ts'
import type { Facets } from './schema.ts'
import { type Prepared, sourceOf } from './search-source.ts'

/** Matches counted when counting them all is no great work. */
const MOST_COUNTED = 100_000
/** Matches counted when there are more, or endpoints looked at when matches are hard to find. */
const SOME = 10_000
/** What the planner says of a statement that takes a tenth of a second. */
const COSTLY = 30_000
/** Milliseconds for counting all, and some. */
const PATIENCE = 1_000
const LITTLE_PATIENCE = 35
const TOP = 20

type Row = { readonly facet: string; readonly value: string; readonly count: number }

/**
 * How many matches there are of each kind: all of them up to a hundred thousand. Where counting those takes long only ten
 * thousand are: whoever looks for what is frequent need not wait, and the numbers say that they are not all.
 */
export async function facetsOf(pool: Pool, search: Prepared): Promise<Facets> {
  const all = await isCountable(pool, search)
  const limit = all ? MOST_COUNTED : SOME
  const rows = await inTime<Row>(pool, all ? PATIENCE : LITTLE_PATIENCE, counting(search, 'endpoints', limit))
  if (rows !== null) return facetsFrom(rows, limit)
  const some = counting(search, 'stretch', SOME)
  const { rows: counted } = await pool.query<Row>(some.sql, some.values)
  return { ...facetsFrom(counted, SOME), complete: false }
}

/** Of the past there is no cheaper way: the curve of the last days is worth the while. */
async function isCountable(pool: Pool, search: Prepared): Promise<boolean> {
  const plan = await planOf(pool, search)
  return plan.rows <= MOST_COUNTED && (search.at !== null || plan.cost <= COSTLY)
}

/** Of `endpoints`, or of the first of them, the `stretch`. */
function counting(search: Prepared, table: 'endpoints' | 'stretch', limit: number) {
  const parameters = createParameters()
  const project = parameters.add(search.projectId)
  const sql = `WITH stretch AS (
      SELECT e.* FROM endpoints e WHERE e.project_id = ${project}::uuid ORDER BY ${ORDERS.ip.by} LIMIT ${SOME}
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
