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
import { isKnown } from './once-was.ts'
import { ORDERS, type Order, type SearchPosition } from './orders.ts'
import { planOf } from './plan-of.ts'
import { ENDPOINT_COLUMNS, type EndpointRow, endpointView } from './queries.ts'
import type { Endpoint, SearchSort } from './schema.ts'
import { type Prepared, sourceOf } from './search-source.ts'
import { lookThrough } from './stretch.ts'
import { wrongSearch } from './wrong-search.ts'

/** Milliseconds for the planner's way, and for each row that is wanted: a thousand are sent for 10 ms. */
const DIRECT = 18
const DIRECT_EACH = 0.01
/** Milliseconds after which no further stretch is begun. */
const TOTAL = 26
/** Endpoints in the first stretch, and in the longest. */
const FIRST_STRETCH = 500
const LONGEST_STRETCH = 4_000
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
  const direct = await inTime<Found>(pool, DIRECT + DIRECT_EACH * limit, directly)
  if (direct !== null) return pageOf(direct, limit)
  if (search.at !== null && sort === 'changed') return pageOf(await sortedAfterwards(pool, search, directly), limit)
  const { found, from } = await stretchByStretch(pool, search, { order, from: behind, limit, until: begun + TOTAL })
  return pageOf(found, limit, from)
}

type Way = {
  readonly order: Order
  readonly from: SearchPosition | null
  readonly limit: number
  readonly until: number
}

/** Each stretch as long as the pace of the one before lets expect to be in time: what has to come from a disk is a hundredth as fast. */
async function stretchByStretch(pool: Pool, search: Prepared, { order, limit, until, ...start }: Way) {
  const found: Found[] = []
  let { from } = start
  let length = FIRST_STRETCH
  do {
    const begun = performance.now()
    const { rows, reached } = await lookThrough(pool, search, { order, from, limit: limit - found.length, length })
    found.push(...rows)
    from = reached
    const now = performance.now()
    length = Math.min(LONGEST_STRETCH, Math.floor((length * (until - now)) / (now - begun)))
  } while (from !== null && found.length <= limit && length >= FIRST_STRETCH / 2)
  return { found, from }
}

/** As things were, what changed last is known only of what has been looked at: there is nothing to go along. */
async function sortedAfterwards(pool: Pool, search: Prepared, directly: Statement): Promise<readonly Found[]> {
  const few = (await planOf(pool, search)).rows <= MOST_SORTED
  const rows = few ? await inTime<Found>(pool, SORTING, directly) : null
  if (rows !== null) return rows
  throw wrongSearch('matches too much of the past to be sorted by change; add a network or a port, or sort by ip')
}

/** Nobody waits for a whole large table to be read. */
const ALONG_INDEXES = 'SET LOCAL enable_seqscan = off'
/** What things were is no column: of how many were like that the planner knows nothing, and takes them for so few that they are sorted. */
const IN_ORDER = `${ALONG_INDEXES}; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off`

/** Of fewer rows than these the planner thinks that the first come along soon in any order. */
const FEWEST = 50

/** One row more than `limit` is read, to know whether there is a next page. */
function statement(search: Prepared, order: Order, { behind, limit }: Omit<Page, 'sort'>): Statement {
  const parameters = createParameters()
  const from = `${sourceOf(search, parameters)} AND ${order.behind(behind, parameters.add)}`
  const page = `ORDER BY ${order.by} LIMIT ${parameters.add(Math.max(limit, FEWEST) + 1)}`
  // Which they are first, and all about them then: the index of changes knows enough to find a port or a network by itself.
  const isTwice = search.at === null && order === ORDERS.changed
  const source = isTwice ? `endpoints e WHERE e.id IN (SELECT e.id FROM ${from} ${page}) ${page}` : `${from} ${page}`
  return {
    sql: `SELECT ${ENDPOINT_COLUMNS}, ${order.mark} AS mark FROM ${source}`,
    values: parameters.values,
    settings: isAnything(search) && order !== ORDERS.changed ? IN_ORDER : ALONG_INDEXES,
  }
}

/** Of the past, and nothing is known of who met the search then. */
function isAnything({ at, query, changed }: Prepared): boolean {
  return at !== null && (query === null || !isKnown(query, changed))
}

function pageOf(rows: readonly Found[], limit: number, reached: SearchPosition | null = null) {
  const page = rows.slice(0, limit)
  const items: Endpoint[] = page.map(endpointView)
  return { items, behind: rows.length > limit ? (page.at(-1)?.mark ?? null) : reached }
}
