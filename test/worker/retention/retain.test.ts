import { planRetention } from '@portolan/api/retention/plan.ts'
import { createDb, type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { retain } from '@portolan/worker/retention/retain.ts'
import { pino } from 'pino'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '#test/support/test-services.ts'

let db: Db
const NOW = new Date('2025-06-15T00:00:00Z')
beforeEach(async () => {
  await db?.close()
  db = createDb(await testDatabase())
  await db.pool.query(`SELECT ensure_observation_partitions('2025-01-01Z', 6)`)
})
afterAll(() => db.close())

const days = (value: object) =>
  db.pool.query(`INSERT INTO settings (name, value) VALUES ('retention', $1)`, [JSON.stringify(value)])
const pass = () => retain({ db: db.pool, log: pino({ level: 'silent' }) }, NOW)

/** A scan of that day that saw these ports open on 192.0.2.1. */
async function scan(day: string, ...ports: readonly number[]): Promise<string> {
  const { rows } = await db.pool.query<{ id: string }>(
    `INSERT INTO scans (id, project_id, request, seed, vantages, status, started_at, finished_at)
     VALUES (uuid_v7($1), $2, '{}', '\\x00112233445566778899aabbccddeeff', '{default}', 'completed', $1, $1) RETURNING id`,
    [day, DEFAULT_PROJECT],
  )
  const id = rows[0]?.id ?? ''
  for (const port of ports) {
    await db.pool.query(
      `INSERT INTO observations (scan_id, seen_at, ip, port, transport, state, vantage, reason)
       VALUES ($1, $2, '192.0.2.1', $3, 'tcp', 'open', 'default', 'syn-ack')`,
      [id, day, port],
    )
    await db.pool.query(
      `INSERT INTO endpoints (project_id, ip, port, transport, vantage, state, first_seen, last_seen, last_changed, last_scan_id)
       VALUES ($1, '192.0.2.1', $2, 'tcp', 'default', 'open', $3, $3, $3, $4)
       ON CONFLICT (project_id, ip, port, transport, vantage) DO UPDATE SET last_seen = $3, last_scan_id = $4`,
      [DEFAULT_PROJECT, port, day, id],
    )
  }
  return id
}

const left = async () =>
  (
    await db.pool.query<{ line: string }>(
      `SELECT to_char(seen_at AT TIME ZONE 'UTC', 'MM-DD') || ' ' || port AS line FROM observations ORDER BY seen_at, port`,
    )
  ).rows.map(({ line }) => line)
const results = async () =>
  (await db.pool.query<{ results: string }>('SELECT results FROM scans ORDER BY id')).rows.map((row) => row.results)

test('unless somebody says so, everything is kept', async () => {
  await scan('2025-01-10Z', 22)
  await pass()
  expect(await left()).toEqual(['01-10 22'])
})

test('of old months the first, the last and every changed sighting of an endpoint is kept', async () => {
  await days({ thinAfterDays: 30, dropAfterDays: null })
  for (const day of ['2025-01-10Z', '2025-01-11Z', '2025-01-12Z']) await scan(day, 22, 80)
  const changed = await scan('2025-02-01Z', 22, 80)
  await db.pool.query(
    `INSERT INTO changes (project_id, scan_id, endpoint_id, ip, kind, verdict, at)
     SELECT project_id, $1, id, ip, 'version-changed', 'confirmed', '2025-02-01Z' FROM endpoints WHERE port = 80`,
    [changed],
  )
  await scan('2025-02-02Z', 22, 80)
  await scan('2025-04-30Z', 22)
  await scan('2025-05-31Z', 22)
  await scan('2025-06-01Z', 22)
  await pass()
  // April ended 45 days ago, May 15.
  expect(await left()).toEqual(['01-10 22', '01-10 80', '02-01 80', '02-02 80', '05-31 22', '06-01 22'])
  expect(await results()).toEqual([...Array(6).fill('thinned'), 'whole', 'whole'])
  await pass()
  expect(await left()).toHaveLength(6)
})

test('older months are dropped as a whole, whoever reads and writes meanwhile', async () => {
  await days({ thinAfterDays: null, dropAfterDays: 90 })
  await scan('2025-01-10Z', 22)
  await scan('2025-02-10Z', 22)
  await scan('2025-03-10Z', 22)
  const writer = await db.pool.connect()
  await writer.query('BEGIN')
  await writer.query(`INSERT INTO observations (scan_id, seen_at, ip, port, transport, state, vantage, reason)
    VALUES (uuid_v7('2025-06-14Z'), '2025-06-14Z', '192.0.2.9', 1, 'tcp', 'open', 'default', 'syn-ack')`)
  const passing = pass()
  // Dropping waits for this transaction; another writer does not wait for the dropping.
  await db.pool.query(`SET lock_timeout = '5s'`)
  await scan('2025-06-13Z', 80)
  await writer.query('COMMIT')
  writer.release()
  await passing
  expect(await left()).toEqual(['03-10 22', '06-13 80', '06-14 1'])
  expect(await results()).toEqual(['dropped', 'dropped', 'whole', 'whole'])
})

test('two workers at once do it once', async () => {
  await days({ thinAfterDays: 1, dropAfterDays: 100 })
  for (const day of ['2025-01-10Z', '2025-04-10Z', '2025-04-11Z', '2025-04-12Z']) await scan(day, 22)
  await Promise.all([pass(), pass(), pass()])
  expect(await left()).toEqual(['04-12 22'])
})

test('the preview says what a pass then removes, and first, last and every change outlive it', async () => {
  const settings = { thinAfterDays: 30, dropAfterDays: 120 }
  await days(settings)
  const sightings = ['01-05', '02-05', '02-06', '02-07', '03-01', '03-02', '03-03', '04-01', '04-02', '05-20']
  const scans: string[] = []
  for (const day of sightings) scans.push(await scan(`2025-${day}Z`, 22, 443))
  for (const [i, port] of [
    [5, 22],
    [8, 443],
  ] as const)
    await db.pool.query(
      `INSERT INTO changes (project_id, scan_id, endpoint_id, ip, kind, verdict, at)
       SELECT project_id, $1, id, ip, 'service-changed', 'confirmed', $3 FROM endpoints WHERE port = $2`,
      [scans[i], port, `2025-${sightings[i]}Z`],
    )
  const plan = await planRetention(db.pool, settings, NOW)
  const before = (await left()).length
  const remembered = 'SELECT * FROM endpoints ORDER BY id'
  const { rows: endpoints } = await db.pool.query(remembered)
  await pass()
  const removed = [...plan.drop, ...plan.thin].reduce((sum, { observations }) => sum + observations, 0)
  expect(before - (await left()).length).toBe(removed)
  expect(plan.drop.map(({ month }) => month)).toEqual(['2025-01'])
  expect(await left()).toEqual(['03-02 22', '04-02 443', '05-20 22', '05-20 443'])
  // When it was first seen is remembered, though the sighting itself is gone.
  expect((await db.pool.query(remembered)).rows).toEqual(endpoints)
  expect(await planRetention(db.pool, settings, NOW)).toMatchObject({ drop: [], thin: [] })
})

test('while a month is thinned others write into it and into other months', async () => {
  await days({ thinAfterDays: 30, dropAfterDays: null })
  for (const day of ['2025-01-10Z', '2025-01-11Z', '2025-01-12Z']) await scan(day, 22)
  const thinning = await db.pool.connect()
  await thinning.query('BEGIN')
  // What a pass holds while it is at it.
  await thinning.query(`DELETE FROM observations WHERE seen_at < '2025-01-12Z'`)
  await db.pool.query(`SET lock_timeout = '2s'`)
  await scan('2025-01-13Z', 22)
  await scan('2025-06-14Z', 80)
  await thinning.query('COMMIT')
  thinning.release()
  expect(await left()).toEqual(['01-12 22', '01-13 22', '06-14 80'])
})
