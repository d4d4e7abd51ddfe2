/**
 * Looking for endpoints in bounded time, however many there are. The planner's way is tried first: what is frequent it
 * meets at once in any order, what is rare it finds along an index. What lies between, or along no index, is looked for
 * stretch by stretch in the order that was asked for; when the time is over the page has what was found until there, and
 * the next one goes on.
 */
import { parseQuery } from '@portolan/core/exposure/query/parse-query.ts'
import type { Query } from '@portolan/core/exposure/query/query.ts'
import type { Pool } from 'pg'
import { createParameters } from './compile-query.ts'
import { inTime, type Statement } from './in-time.ts'
import { ORDERS, type Order, type SearchPosition } from './orders.ts'
import { planOf } from './plan-of.ts'
import { ENDPOINT_COLUMNS, type EndpointRow, endpointView } from './queries.ts'
import type { Endpoint, SearchSort } from './schema.ts'
import { type Prepared, sourceOf } from './search-source.ts'
import { lookThrough } from './stretch.ts'
import { wrongSearch } from './wrong-search.ts'

/** Milliseconds for the planner's way. */
const DIRECT = 20
/** Milliseconds after which no further stretch is begun. */
const TOTAL = 35
/** Endpoints of the past that are sorted by when they changed, and milliseconds for that. */
const MOST_SORTED = 10_000
const SORTING = 1_000

/** Throws a `validation` problem that says where the search is wrong, and how it could be meant. */
export function readSearch(text: string, now: Date): Query | null {
  const parsed = parseQuery(text, now.getTime())
  if (parsed.ok) return parsed.value
  const { position, problem, fix } = parsed.flaw
  throw wrongSearch(`${problem} (at character ${position + 1}); ${fix}`)
}

interface Page {
  readonly sort: SearchSort
  readonly behind: SearchPosition | null
  readonly limit: number
}

export type Found = EndpointRow & { readonly mark: string[] }

/** A page, and where the next one starts; null: there is no more. It may have fewer than `limit`, even none, and go on. */
export async function searchEndpoints(pool: Pool, search: Prepared, { sort, behind, limit }: Page) {
  const begun = performance.now()
  const order = ORDERS[sort]
  const directly = statement(search, order, { behind, limit })
  const direct = await inTime<Found>(pool, DIRECT, directly)
  if (direct !== null) return pageOf(direct, limit)
  if (search.at !== null && sort === 'changed') return pageOf(await sortedAfterwards(pool, search, directly), limit)
  const found: Found[] = []
  let from = behind
  do {
    const left = limit - found.length
    const { rows, reached } = await lookThrough(pool, search, { order, from, limit: left })
    found.push(...rows)
    from = reached
  } while (from !== null && found.length <= limit && performance.now() - begun < TOTAL)
  return pageOf(found, limit, from)
}

/** As things were, what changed last is known only of what has been looked at: there is nothing to go along. */
async function sortedAfterwards(pool: Pool, search: Prepared, directly: Statement): Promise<readonly Found[]> {
  const few = (await planOf(pool, search)).rows <= MOST_SORTED
  const rows = few ? await inTime<Found>(pool, SORTING, directly) : null
  if (rows !== null) return rows
  throw wrongSearch('matches too much of the past to be sorted by change; add a network or a port, or sort by ip')
}

/** One row more than `limit` is read, to know whether there is a next page. */
function statement(search: Prepared, order: Order, { behind, limit }: Omit<Page, 'sort'>) {
  const parameters = createParameters()
  const from = sourceOf(search, parameters)
  const sql = `SELECT ${ENDPOINT_COLUMNS}, ${order.mark} AS mark FROM ${from} AND ${order.behind(behind, parameters.add)}
    ORDER BY ${order.by} LIMIT ${parameters.add(limit + 1)}`
  return { sql, values: parameters.values }
}

function pageOf(rows: readonly Found[], limit: number, reached: SearchPosition | null = null) {
  const page = rows.slice(0, limit)
  const items: Endpoint[] = page.map(endpointView)
  return { items, behind: rows.length > limit ? (page.at(-1)?.mark ?? null) : reached }
}
