import { createDb, type Db } from '@portolan/db/client.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '#test/support/test-services.ts'

let db: Db
beforeAll(async () => {
  db = createDb(await testDatabase())
})
afterAll(() => db.close())

const ensure = async (first: string, months: number) => {
  const { rows } = await db.pool.query('SELECT ensure_observation_partitions($1, $2) AS made', [first, months])
  return rows[0].made
}

/** An observation of a scan made at that moment. */
const observe = (moment: string) =>
  db.pool.query(
    `INSERT INTO observations (scan_id, seen_at, ip, port, transport, state, vantage, reason)
     VALUES (uuid_v7($1), $1, '192.0.2.1', 22, 'tcp', 'open', 'default', 'syn-ack')`,
    [moment],
  )

const partitionsOf = async (first: string, last: string) => {
  const { rows } = await db.pool.query<{ name: string }>(
    `SELECT tableoid::regclass::text AS name FROM observations WHERE seen_at BETWEEN $1 AND $2 ORDER BY seen_at`,
    [first, last],
  )
  return rows.map((row) => row.name)
}

test('ids made in one session are UUIDv7 and sort by the time they were made', async () => {
  const { rows } = await db.pool.query<{ id: string; ms: number }>(
    `SELECT uuid_v7(at) AS id, extract(epoch FROM at)::float8 * 1000 AS ms FROM
       (SELECT '2026-11-23 04:05:06.5Z'::timestamptz + n * interval '3 microseconds' AS at FROM generate_series(0, 999) n) t`,
  )
  expect(rows.map((r) => r.id)).toEqual(rows.map((r) => r.id).sort())
  for (const { id, ms } of rows) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Math.floor(ms))
  }
})

test('no id is below the floor of its moment, none of an earlier millisecond above it', () =>
  fc.assert(
    fc.asyncProperty(
      fc.date({ min: new Date('1971-01-01'), max: new Date('2500-01-01'), noInvalidDate: true }),
      async (at) => {
        const { rows } = await db.pool.query(
          `SELECT uuid_v7($1) >= uuid_v7_floor($1) AS above, uuid_v7($1 - interval '1 ms') < uuid_v7_floor($1) AS below
         FROM (SELECT $1::timestamptz) t`,
          [at],
        )
        expect(rows).toEqual([{ above: true, below: true }])
      },
    ),
    { numRuns: 50 },
  ))

test('a migrated database has a partition for this month and the next two', async () => {
  expect(await ensure(new Date().toISOString(), 3)).toBe(0)
  expect(await ensure(new Date().toISOString(), 4)).toBe(1)
})

test('a scan goes into the partition of the month it was made in, counted in UTC', async () => {
  expect(await ensure('2031-12-15T00:00:00Z', 2)).toBe(2)
  await observe('2031-12-01T00:00:00Z')
  await observe('2031-12-31T23:59:59.999Z')
  await observe('2032-01-01T00:00:00Z')
  expect(await partitionsOf('2031-12-01', '2032-01-02')).toEqual([
    'observations_2031_12',
    'observations_2031_12',
    'observations_2032_01',
  ])
})

test('rows that came before their partition move into it', async () => {
  await observe('2035-06-30T12:00:00Z')
  await observe('2035-07-01T12:00:00Z')
  expect(await partitionsOf('2035-06-01', '2035-08-01')).toEqual(['observations_default', 'observations_default'])
  expect(await ensure('2035-06-01T00:00:00Z', 1)).toBe(1)
  expect(await partitionsOf('2035-06-01', '2035-08-01')).toEqual(['observations_2035_06', 'observations_default'])
})

test('several callers at once make each partition once, while rows are being written', async () => {
  const writing = Array.from({ length: 20 }, () => observe('2040-02-10T00:00:00Z'))
  const making = [1, 2, 3, 4].map(() => ensure('2040-01-01T00:00:00Z', 3))
  const [made] = await Promise.all([Promise.all(making), Promise.all(writing)])
  expect(made.reduce((sum, n) => sum + n)).toBe(3)
  expect(new Set(await partitionsOf('2040-01-01', '2040-03-30'))).toEqual(new Set(['observations_2040_02']))
})
