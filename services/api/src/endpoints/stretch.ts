import type { Pool } from 'pg'
import { createParameters } from './compile-query.ts'
import type { Order, SearchPosition } from './orders.ts'
import { ENDPOINT_COLUMNS } from './queries.ts'
import type { Found } from './search.ts'
import { type Prepared, sourceOf } from './search-source.ts'

interface Stretch {
  readonly order: Order
  /** Where the stretch starts. */
  readonly from: SearchPosition | null
  readonly limit: number
  /** Endpoints looked at. */
  readonly length: number
}

/** The matches among so many endpoints, one more than `limit` of them, and where the stretch ended; null: at the end of all. */
export async function lookThrough(pool: Pool, search: Prepared, { order, from, limit, length }: Stretch) {
  const parameters = createParameters()
  const start = order.behind(from, parameters.add)
  const stretch = `SELECT e.* FROM endpoints e WHERE e.project_id = ${parameters.add(search.projectId)} AND ${start}
    ORDER BY ${order.by} LIMIT ${length}`
  const source = sourceOf(search, parameters, 'stretch')
  const { rows } = await pool.query<Found & { readonly reached: string[] | null; readonly id: string | null }>(
    `WITH stretch AS MATERIALIZED (${stretch}), found AS (
       SELECT ${ENDPOINT_COLUMNS}, ${order.mark} AS mark, row_number() OVER (ORDER BY ${order.by}) AS nth
       FROM ${source} ORDER BY ${order.by} LIMIT ${parameters.add(limit + 1)}
     )
     SELECT found.*, (SELECT ${order.mark} FROM stretch e ORDER BY ${order.by} OFFSET ${length - 1}) AS reached
     FROM (SELECT) AS once LEFT JOIN found ON true ORDER BY nth`,
    parameters.values,
  )
  return { rows: rows.filter(({ id }) => id !== null), reached: rows[0]?.reached ?? null }
}
