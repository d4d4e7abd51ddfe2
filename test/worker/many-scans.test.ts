/** A worker that has thousands of scans to look after, all asked for before PostgreSQL has counted any. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { afterEach, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

const SCANS = 10_800
let harness: Harness
afterEach(() => harness.close())

/** Each has one shard; hardly a packet may be sent. */
async function manyScans(): Promise<void> {
  const { db } = harness
  for (const table of ['scans', 'shards', 'scan_targets'])
    await db.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
  await db.query(`INSERT INTO settings (name, value) VALUES ('limits', '{"global": 1}')`)
  await db.query(
    `INSERT INTO scans (project_id, request, seed, vantages, status, started_at, services, engine, tcp_ports)
     SELECT $1, '{}', '\\x00112233445566778899aabbccddeeff', '{default}', 'running', now(), 'none', 'connect', '{[1,768]}'
     FROM generate_series(1, $2)`,
    [DEFAULT_PROJECT, SCANS],
  )
  await db.query('INSERT INTO scan_targets SELECT id, 0, host($1::inet), NULL, $1, $1 FROM scans', [`${NET}.1`])
  await db.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
     SELECT id, 'default', 'tcp', 0, 0, 768, 0 FROM scans`,
  )
}

const claimed = async (): Promise<number> =>
  (await harness.db.query(`SELECT count(*)::int AS n FROM shards WHERE state = 'claimed'`)).rows[0].n

test('a worker with 10,800 scans under way stops within five seconds', async () => {
  harness = await openHarness((await testQueueUrls())[0]?.url ?? '')
  await manyScans()
  const worker = await harness.workerProcess()
  await vi.waitFor(async () => expect(await claimed()).toBe(2), { timeout: 120_000, interval: 20 })
  // In the midst of whatever it does every second.
  await sleep(1_500)
  const begun = performance.now()
  worker.kill('SIGTERM')
  expect(await once(worker, 'exit')).toEqual([0, null])
  expect(performance.now() - begun).toBeLessThan(5_000)
  expect(await claimed()).toBe(0)
}, 240_000)
