import { randomBytes, randomUUID } from 'node:crypto'
import { DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { dispatchShards } from '@portolan/worker/dispatch.ts'
import { pino } from 'pino'
import { afterEach, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, openHarness, type ScanWish } from './harness.ts'

const [, redis] = await testQueueUrls()
let harness: Harness
afterEach(() => harness.close())

async function newKey(): Promise<string> {
  const { rows } = await harness.db.query(
    `INSERT INTO api_keys (project_id, public_id, secret_hash, name, scopes)
     VALUES ($1, $2, $3, 'test', '{scan}') RETURNING id`,
    [DEFAULT_PROJECT, randomBytes(8).toString('hex'), randomBytes(32)],
  )
  return rows[0].id
}

/** A running scan with `count` shards to do. */
async function running(count: number, key: string, wish: Partial<ScanWish> = {}): Promise<string> {
  const scan = await harness.scan({ targets: [['127.0.0.1', '127.0.0.1']], ports: '{[1,100]}', ...wish })
  await harness.db.query("UPDATE scans SET status = 'running', key_id = $2 WHERE id = $1", [scan, key])
  await harness.db.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
     SELECT $1, 'default', 'tcp', n, n, n + 1, n FROM generate_series(0, $2 - 1) AS n`,
    [scan, count],
  )
  return scan
}

/** The scans whose shards come first out of the queue, as many as one dispatch puts in. */
async function firstOut(slots: number, jobs = slots * 2): Promise<readonly string[]> {
  await harness.db.query(
    `INSERT INTO workers (id, name, vantage, version, job_version, capabilities, addresses)
     VALUES ($1, 'test', 'default', '0', 1, $2, '{}')`,
    [randomUUID(), JSON.stringify({ slots })],
  )
  await dispatchShards(
    { db: harness.db, queues: harness.queues, lease: 10_000, log: pino({ level: 'silent' }) },
    'default',
  )
  const order: string[] = []
  harness.queues.worker('portolan-scan-default', async ({ data }) => {
    if (typeof data === 'object' && data !== null && 'scanId' in data) order.push(String(data.scanId))
  })
  await vi.waitFor(() => expect(order).toHaveLength(jobs), { timeout: 5_000 })
  return order
}

const count = (order: readonly string[], scan: string) => order.filter((id) => id === scan).length

test('two keys share evenly, however many scans one of them has', async () => {
  harness = await openHarness(redis?.url ?? '')
  const [many, one] = [await newKey(), await newKey()]
  for (let i = 0; i < 4; i++) await running(20, many)
  const alone = await running(20, one)
  const order = await firstOut(8)
  expect(count(order, alone)).toBe(8)
})

test('the urgent goes first and more often, but not alone', async () => {
  harness = await openHarness(redis?.url ?? '')
  const key = await newKey()
  const usual = await running(100, key)
  const urgent = await running(100, key, { priority: 5 })
  const order = await firstOut(8)
  expect(order[0]).toBe(urgent)
  expect(count(order, urgent)).toBeGreaterThan(count(order, usual) * 3)
  expect(count(order, usual)).toBeGreaterThan(0)
})

test('however many urgent scans there are, one shard of whoever has waited longest is beside them', async () => {
  harness = await openHarness(redis?.url ?? '')
  const [many, one] = [await newKey(), await newKey()]
  // Few enough that each comes before what is not urgent, enough to take every place.
  for (let i = 0; i < 7; i++) await running(1, many, { priority: 5 })
  const waiting = [await running(3, one), await running(3, one)]
  for (const [i, scan] of waiting.entries())
    await harness.db.query("UPDATE scans SET started_at = now() - $2 * interval '1 second' WHERE id = $1", [
      scan,
      20 + i,
    ])
  const order = await firstOut(2, 5)
  expect(order.slice(0, 4)).not.toContain(waiting[1])
  expect(order[4]).toBe(waiting[1])
})

test('a small scan does not wait for a big one that came before', async () => {
  harness = await openHarness(redis?.url ?? '')
  const key = await newKey()
  await running(500, key)
  const small = await running(1, key)
  expect((await firstOut(4)).indexOf(small)).toBeLessThan(2)
})
