import { PAGE } from '@portolan/api/scans/queries.ts'
import { createDb, type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { DUE } from '@portolan/worker/dispatch.ts'
import { DRAW } from '@portolan/worker/next-to-plan.ts'
import { WAITING_VANTAGES } from '@portolan/worker/reconcile.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '#test/support/test-services.ts'

/**
 * Thousands of scans can come within the minute in which PostgreSQL has not yet looked at its tables, and takes them for
 * nearly empty: what is asked all the time must not become slow then.
 */
let db: Db
const SCANS = 4_000

beforeAll(async () => {
  db = createDb(await testDatabase())
  for (const table of ['scans', 'shards'])
    await db.pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off, toast.autovacuum_enabled = off)`)
  await db.pool.query(
    `INSERT INTO scans (project_id, request, seed, vantages, status, started_at)
     SELECT $1, '{}', '\\x00112233445566778899aabbccddeeff', '{default}', 'running', now() - interval '1 minute' FROM generate_series(1, $2)`,
    [DEFAULT_PROJECT, SCANS],
  )
  await db.pool.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
     SELECT id, 'default', 'tcp', 0, 0, 1, 0 FROM scans`,
  )
  await db.pool.query(
    `INSERT INTO scans (project_id, request, seed, vantages)
     SELECT $1, '{}', '\\x00112233445566778899aabbccddeeff', '{default}' FROM generate_series(1, $2)`,
    [DEFAULT_PROJECT, SCANS],
  )
})
afterAll(() => db.close())

test.each([
  ['a page of scans', PAGE.text, [DEFAULT_PROJECT, null, null, null, 50], 50],
  // One more than asked for: of who has waited longest.
  ['the shards to come next', DUE, ['default', 4], 5],
  ['the scan to be planned next', DRAW, [1_000], 1],
  ['the vantages at which shards wait', WAITING_VANTAGES, [], 1],
])('%s: not more than a look at each scan', async (_, sql, values, expected) => {
  const { rows } = await db.pool.query(`EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${sql}`, [...values])
  const plan = rows[0]['QUERY PLAN'][0].Plan
  expect(plan['Actual Rows']).toBe(expected)
  expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(SCANS / 4)
})
