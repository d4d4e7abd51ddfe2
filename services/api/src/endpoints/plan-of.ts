import type { Pool } from 'pg'
import { createParameters } from './compile-query.ts'
import { type Prepared, sourceOf } from './search-source.ts'

type Plan = { readonly 'Plan Rows': number; readonly 'Total Cost': number }
type Explained = { readonly 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }

/** How many matches the planner takes there to be, and what it thinks that reading all of them costs, in its own units. */
export async function planOf(pool: Pool, search: Prepared): Promise<{ readonly rows: number; readonly cost: number }> {
  const parameters = createParameters()
  const sql = `EXPLAIN (FORMAT JSON) SELECT FROM ${sourceOf(search, parameters)}`
  const { rows } = await pool.query<Explained>(sql, parameters.values)
  const plan = rows[0]?.['QUERY PLAN'][0].Plan
  return { rows: plan?.['Plan Rows'] ?? Infinity, cost: plan?.['Total Cost'] ?? Infinity }
}
