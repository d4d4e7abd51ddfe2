import { parseQuery } from '@portolan/core/exposure/query/parse-query.ts'
import type { Query } from '@portolan/core/exposure/query/query.ts'
import type { Pool } from 'pg'
import { Problem } from '../http/problem.ts'
import { endpointsAtMoment } from './at-moment.ts'
import { compileQuery, createParameters, type Parameters } from './compile-query.ts'
import { namedIn } from './named-in.ts'
import { ENDPOINT_COLUMNS, type EndpointRow, endpointView } from './queries.ts'
import type { Endpoint, Facets, SearchSort } from './schema.ts'
import { taggedIn } from './tagged-in.ts'

/** Where a page starts: the sort key of the last row of the page before, as text. */
export type SearchPosition = readonly string[]

type Order = {
  readonly columns: readonly (readonly [column: string, type: string])[]
  readonly descending: boolean
}

const PLACE = [
  ['e.transport', 'transport'],
  ['e.vantage', 'text'],
] as const

/** Each runs along an index of `endpoints`. */
const ORDERS: Readonly<Record<SearchSort, Order>> = {
  ip: { columns: [['e.ip', 'inet'], ['e.port', 'int'], ...PLACE], descending: false },
  port: { columns: [['e.port', 'int'], ['e.ip', 'inet'], ...PLACE], descending: false },
  changed: {
    columns: [
      ['e.last_changed', 'timestamptz'],
      ['e.id', 'uuid'],
    ],
    descending: true,
  },
}

export interface Search {
  readonly projectId: string
  readonly query: Query | null
  readonly at: string | null
}

/** Throws a `validation` problem that says where the search is wrong, and how it could be meant. */
export function readSearch(text: string, now: Date): Query | null {
  const parsed = parseQuery(text, now.getTime())
  if (parsed.ok) return parsed.value
  const { position, problem, fix } = parsed.flaw
  const detail = `${problem} (at character ${position + 1}); ${fix}`
  throw new Problem('validation', `q: ${detail}`, { errors: [{ in: 'query', pointer: '#/q', detail }] })
}

interface Page {
  readonly sort: SearchSort
  readonly behind: SearchPosition | null
  readonly limit: number
}

/** One row more than `limit` is read, to know whether there is a next page. */
export async function searchEndpoints(pool: Pool, search: Search, { sort, behind, limit }: Page) {
  const parameters = createParameters()
  const { columns, descending } = ORDERS[sort]
  const from = await sourceOf(pool, search, parameters)
  const key = columns.map(([column]) => column).join(', ')
  const start = () => columns.map(([, type], i) => `${parameters.add(behind?.[i])}::${type}`).join(', ')
  const after = behind === null ? '' : `AND (${key}) ${descending ? '<' : '>'} (${start()})`
  const order = columns.map(([column]) => `${column}${descending ? ' DESC' : ''}`).join(', ')
  const { rows } = await pool.query<EndpointRow & { readonly mark: string[] }>(
    `SELECT ${ENDPOINT_COLUMNS}, ARRAY[${columns.map(([column]) => `${column}::text`).join(', ')}] AS mark
     FROM ${from} ${after} ORDER BY ${order} LIMIT ${parameters.add(limit + 1)}`,
    parameters.values,
  )
  const page = rows.slice(0, limit)
  const items: Endpoint[] = page.map(endpointView)
  return { items, behind: rows.length > limit ? (page.at(-1)?.mark ?? null) : null }
}

/** Rows counted for facets: enough to know what there is, few enough to answer at once. */
const MOST_COUNTED = 100_000
const TOP = 20

export async function facetsOf(pool: Pool, search: Search): Promise<Facets> {
  const parameters = createParameters()
  const from = await sourceOf(pool, search, parameters)
  const { rows } = await pool.query<{ facet: string; value: string; count: number }>(
    `WITH found AS MATERIALIZED (
       SELECT e.ip, e.port::text AS port, e.service, e.product, e.vantage FROM ${from} LIMIT ${parameters.add(MOST_COUNTED)}
     ), counted AS (
       SELECT f.facet, f.value, count(*)::int AS count FROM found CROSS JOIN LATERAL (
         VALUES ('port', port), ('service', service), ('product', product), ('vantage', vantage)) AS f (facet, value)
       WHERE f.value IS NOT NULL GROUP BY 1, 2
     ), ranked AS (
       SELECT *, row_number() OVER (PARTITION BY facet ORDER BY count DESC, value) AS rank FROM counted
     )
     SELECT facet, value, count FROM ranked WHERE rank <= ${TOP}
     UNION ALL SELECT 'total', '', count(*)::int FROM found
     UNION ALL SELECT 'hosts', '', count(DISTINCT ip)::int FROM found`,
    parameters.values,
  )
  const top = (facet: string) =>
    rows
      .filter((row) => row.facet === facet)
      .map(({ value, count }) => ({ value, count }))
      .sort((a, b) => b.count - a.count)
  const sum = (name: string) => rows.find(({ facet }) => facet === name)?.count ?? 0
  const complete = sum('total') < MOST_COUNTED
  const hosts = sum('hosts')
  return {
    complete,
    hosts,
    port: top('port'),
    service: top('service'),
    product: top('product'),
    vantage: top('vantage'),
  }
}

/** FROM and WHERE. */
async function sourceOf(pool: Pool, search: Search, parameters: Parameters): Promise<string> {
  const { projectId, query, at } = search
  const table = at === null ? 'endpoints' : endpointsAtMoment(parameters.add(at))
  const project = `e.project_id = ${parameters.add(projectId)}`
  if (query === null) return `${table} e WHERE ${project}`
  const tagged = await taggedIn(pool, projectId, query)
  const named = await namedIn(pool, projectId, query)
  return `${table} e WHERE ${project} AND ${compileQuery(query, parameters, { projectId, tagged, named })}`
}
