/** Ways of looking that only a large installation takes: they must find what the short way finds. */

import { createParameters } from '@portolan/api/endpoints/compile-query.ts'
import { facetsIn, facetsOf } from '@portolan/api/endpoints/facets.ts'
import { ORDERS, type Order, type SearchPosition } from '@portolan/api/endpoints/orders.ts'
import { readSearch, searchEndpoints } from '@portolan/api/endpoints/search.ts'
import { type Prepared, prepare, sourceOf } from '@portolan/api/endpoints/search-source.ts'
import { lookThrough } from '@portolan/api/endpoints/stretch.ts'
import { createDb, type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '#test/support/test-services.ts'

let db: Db
const NOW = new Date('2026-06-01T00:00:00Z')

/** 7,000 endpoints, of which every tenth was another service until May. */
beforeAll(async () => {
  db = createDb(await testDatabase())
  await db.pool.query(
    `INSERT INTO endpoints (project_id, ip, port, transport, vantage, state, first_seen, last_seen, last_changed,
       service, product, version, hostname, evidence_text, cpe)
     SELECT $1, '10.0.0.0'::inet + n, 1 + n % 50, 'tcp', 'default', 'open', '2026-01-01', '2026-05-30',
       CASE WHEN n % 10 = 0 THEN '2026-05-10'::timestamptz ELSE '2026-01-01' END + n * interval '1 second',
       's' || n % 7, 'Product ' || n % 11, '1.' || n % 13, 'host-' || n || '.example.org', 'banner ' || n, '{cpe:2.3:a:v:p}'
     FROM generate_series(1, 7000) n`,
    [DEFAULT_PROJECT],
  )
  await db.pool.query(
    `INSERT INTO changes (project_id, scan_id, endpoint_id, ip, kind, verdict, before, after, at)
     SELECT project_id, uuid_v7(), id, ip, 'service-changed', 'confirmed',
       jsonb_build_object('state', 'open', 'service', 'Old "quoted" ' || port, 'product', 'Old_ware', 'cpe', '["cpe:2.3:a:old"]'::jsonb),
       '{}', last_changed
     FROM endpoints WHERE last_changed >= '2026-05-01'`,
  )
  await db.pool.query('ANALYZE')
})
afterAll(() => db.close())

const prepared = (q: string, at: string | null = null) =>
  prepare(db.pool, { projectId: DEFAULT_PROJECT, query: readSearch(q, NOW), at })

async function directly(search: Prepared, order = ORDERS.ip): Promise<string[]> {
  const parameters = createParameters()
  const sql = `SELECT e.id FROM ${sourceOf(search, parameters)} ORDER BY ${order.by}`
  return (await db.pool.query<{ id: string }>(sql, parameters.values)).rows.map(({ id }) => id)
}

async function byStretches(search: Prepared, order: Order): Promise<string[]> {
  const found: string[] = []
  let from: SearchPosition | null = null
  do {
    const stretch = await lookThrough(db.pool, search, { order, from, limit: 10_000, length: 900 })
    found.push(...stretch.rows.map(({ id }) => id))
    from = stretch.reached
  } while (from !== null)
  return found
}

describe('stretch by stretch', () => {
  test.each([
    ['service:s3', 'ip'],
    ['service:s3', 'port'],
    ['product:"product 4" -port:7', 'changed'],
    ['hostname:*-69*.example.org', 'port'],
    ['banner:"banner 6999"', 'ip'],
    ['nothing', 'changed'],
    ['', 'port'],
  ] as const)('%s by %s', async (q, sort) => {
    const search = await prepared(q)
    const order = ORDERS[sort]
    const found = await byStretches(search, order)
    expect(found).toEqual(await directly(search, order))
  })

  test('of the past', async () => {
    const search = await prepared('service:old*', '2026-04-01T00:00:00Z')
    const order = ORDERS.port
    const found = await byStretches(search, order)
    expect(found).toHaveLength(700)
    expect(found).toEqual(await directly(search, order))
  })
})

describe('what a pattern stands for', () => {
  test.each([
    ['product:"Product 1*"', "product LIKE 'Product 1%'"],
    ['product:*10', "product LIKE '%10'"],
    ['product:*t*5', "product = 'Product 5'"],
    ['-product:nothing*', 'true'],
    ['service:s* port:3,5,40-44', 'port IN (3, 5, 40, 41, 42, 43, 44)'],
    ['port:1-2,3-2000', 'true'],
    ['hostname:*-69.example.org', "hostname = 'host-69.example.org'"],
    ['hostname:*9.EXAMPLE.org', "hostname LIKE '%9.example.org'"],
    ['hostname:*_9.example.org', 'false'],
    ['cpe:3:A:v', 'true'],
    ['cpe:3_a:v', 'false'],
  ])('%s', async (q, condition) => {
    const { rows } = await db.pool.query<{ id: string }>(`SELECT id FROM endpoints WHERE ${condition} ORDER BY ip`)
    const found = await directly(await prepared(q))
    expect(found).toEqual(rows.map(({ id }) => id))
  })

  test('is not listed when it is one of too many values', async () => {
    await using one = createDb(await testDatabase())
    await one.pool.query(
      `INSERT INTO endpoints (project_id, ip, port, transport, vantage, state, first_seen, last_seen, last_changed, product)
       SELECT $1, '10.0.0.0'::inet + n, 1, 'tcp', 'default', 'open', now(), now(), now(), 'Product ' || n
       FROM generate_series(1, 600) n`,
      [DEFAULT_PROJECT],
    )
    const query = readSearch('product:*9', NOW)
    const search = await prepare(one.pool, { projectId: DEFAULT_PROJECT, query, at: null })
    expect(search.labels.values.size).toBe(0)
    const parameters = createParameters()
    const { rows } = await one.pool.query(`SELECT FROM ${sourceOf(search, parameters)}`, parameters.values)
    expect(rows).toHaveLength(60)
  })
})

test('a page that has everything is counted as the database counts it', async () => {
  const search = await prepared('product:"product 4" port:1-20')
  const page = await searchEndpoints(db.pool, search, { sort: 'ip', behind: null, limit: 1_000 })
  expect(page).toMatchObject({ behind: null, items: expect.arrayContaining([expect.anything()]) })
  const counted = await facetsOf(db.pool, search)
  expect(facetsIn(page.items)).toEqual(counted)
})

describe('what was, found by the changes since', () => {
  test.each([
    ['service:"old \\"quoted\\" 31"', 140],
    ['product:old_ware port:31', 140],
    ['product:old%ware', 0],
    ['cpe:a:old', 700],
    ['"quoted"', 700],
    ['service:s0 OR service:old*', 1600],
    ['(service:"old \\"quoted\\" 1" OR banner:"banner 6999") port:1-50', 141],
    ['-service:s0', 6100],
    ['hostname:host-33.example.org', 1],
    ['hostname:host-30.example.org', 0],
  ])('%s', async (q, count) => {
    const search = await prepared(q, '2026-04-01T00:00:00Z')
    const found = await directly(search)
    expect(found).toHaveLength(count)
    expect(found).toEqual(await directly({ ...search, changed: new Map() }))
  })
})
