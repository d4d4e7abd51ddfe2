import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { transaction } from '@portolan/db/transaction.ts'
import { createLeaseKeeper } from '@portolan/worker/lease-keeper.ts'
import {
  type Claim,
  claimShard,
  LeaseLost,
  releaseShard,
  type ShardEnd,
  saveProgress,
} from '@portolan/worker/shard-claim.ts'
import { createStop } from '@portolan/worker/stop.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { emptyDatabase } from '#test/support/test-services.ts'
import { type Harness, openHarness } from './harness.ts'

const LEASE = 800
const onError = (error: Error) => expect.fail(error.message)
let harness: Harness
let scan = ''
let shard = ''

beforeEach(async () => {
  harness = await openHarness(await emptyDatabase())
  scan = await harness.scan({ targets: [['127.0.0.1', '127.0.0.1']], ports: '{[1,1000]}' })
  await harness.db.query("UPDATE scans SET status = 'running' WHERE id = $1", [scan])
  shard = await newShard(0)
})
afterEach(() => harness.close())

async function newShard(ordinal: number): Promise<string> {
  const { rows } = await harness.db.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
     VALUES ($1, 'default', 'tcp', $2, 0, 1000, 0) RETURNING id::text`,
    [scan, ordinal],
  )
  return rows[0].id
}

const claim = (id = shard, vantage = 'default') => {
  const self = { id: randomUUID(), name: 'test', vantage, slots: 1, addresses: [] }
  return claimShard({ db: harness.db, self, lease: LEASE }, scan, id)
}
const held = async (): Promise<Claim> => (await claim()) ?? expect.fail('not claimed')
const release = (mine: Claim, end: ShardEnd, lease = LEASE) => releaseShard({ db: harness.db, lease }, mine, end)
const letPauseEnd = () => harness.db.query('UPDATE shards SET retry_at = now()')
const save = (mine: Claim, checkpoint: number) =>
  transaction(harness.db, (client) => saveProgress(client, mine, { ...mine.progress, checkpoint }, LEASE))
const row = async () => (await harness.db.query('SELECT * FROM shards WHERE id = $1', [shard])).rows[0]

test('one holder at a time; after a lease without a sign of life the next, and the first can write nothing', async () => {
  const first = await held()
  expect(await claim()).toBeNull()
  await save(first, 100)
  await sleep(LEASE + 50)
  const second = await held()
  expect(second).toMatchObject({ epoch: 2, progress: { checkpoint: 100 } })
  await expect(save(first, 500)).rejects.toThrow(LeaseLost)
  await release(first, { state: 'done' })
  expect(await row()).toMatchObject({ state: 'claimed', checkpoint: 100, epoch: 2 })
  await save(second, 1000)
  await release(second, { state: 'done' })
  expect(await row()).toMatchObject({ state: 'done', checkpoint: 1000, worker_id: null })
  expect(await claim()).toBeNull()
})

test('many who want the same shard at the same time: one gets it', async () => {
  const claims = await Promise.all(Array.from({ length: 8 }, () => claim()))
  expect(claims.filter((c) => c !== null)).toHaveLength(1)
})

test.each([
  ['paused', "UPDATE scans SET wanted = 'pause'"],
  ['cancelled', "UPDATE scans SET wanted = 'cancel'"],
  ['out of time', "UPDATE scans SET time_limit_at = now() - interval '1 second'"],
  ['over', "UPDATE scans SET status = 'completed'"],
])('no shard of a scan that is %s is claimed', async (_, change) => {
  await harness.db.query(change)
  expect(await claim()).toBeNull()
})

test('a shard of another vantage, or of no scan, is not claimed', async () => {
  expect(await claim(shard, 'office')).toBeNull()
  expect(await claim('999999')).toBeNull()
})

test('a scan that limits how many run at once is kept to it', async () => {
  await harness.db.query('UPDATE scans SET at_once = 2')
  const shards = [shard, await newShard(1), await newShard(2), await newShard(3)]
  const claims = await Promise.all(shards.map((id) => claim(id)))
  expect(claims.filter((c) => c !== null)).toHaveLength(2)
})

test('attempts count only what got nowhere', async () => {
  await release(await held(), { state: 'pending', error: 'broken' })
  await letPauseEnd()
  const second = await held()
  expect(second).toMatchObject({ attempts: 2, lastError: 'broken' })
  await release(second, { state: 'pending', error: null })
  const third = await held()
  expect(third).toMatchObject({ attempts: 2, lastError: 'broken' })
  await save(third, 10)
  expect(await row()).toMatchObject({ attempts: 0, error: null })
})

test('after a failure a shard rests, longer each time up to a lease, and not as long as another', async () => {
  const lease = 60_000
  const rests: number[][] = []
  for (let round = 0; round < 8; round++) {
    await harness.db.query("UPDATE shards SET state = 'pending', attempts = 0, retry_at = NULL")
    const lengths: number[] = []
    for (let attempt = 1; attempt <= 5; attempt++) {
      const before = Date.now()
      await release(await held(), { state: 'pending', error: 'broken' }, lease)
      expect(await claim()).toBeNull()
      lengths.push((await row()).retry_at.getTime() - before)
      await letPauseEnd()
    }
    rests.push(lengths)
  }
  for (const [i, part] of [0.2, 0.4, 0.8, 1, 1].entries())
    for (const lengths of rests) {
      expect(lengths[i]).toBeGreaterThanOrEqual(part * lease * 0.75 - 1)
      // Beside the quarter, what the statements took.
      expect(lengths[i]).toBeLessThan(part * lease * 1.25 + 3_000)
    }
  const longest = rests.map((lengths) => lengths[4] ?? 0)
  expect(Math.max(...longest) - Math.min(...longest)).toBeGreaterThan(lease * 0.05)
})

test('a lease is kept while our event loop is busy, and given up when it is stuck', async () => {
  const keeper = createLeaseKeeper({ databaseUrl: harness.url, lease: LEASE, patience: 2_000, onError })
  try {
    const mine = await held()
    const stop = createStop()
    keeper.hold(mine, stop)
    await sleep(LEASE)
    block(LEASE * 2.5)
    expect((await row()).lease_until.getTime()).toBeGreaterThan(Date.now())
    expect(await claim()).toBeNull()
    expect(stop.reason()).toBeNull()
    block(2_000 + LEASE * 2)
    expect((await row()).lease_until.getTime()).toBeLessThan(Date.now())
  } finally {
    await keeper.close()
  }
})

test('who loses a shard is told', async () => {
  const keeper = createLeaseKeeper({ databaseUrl: harness.url, lease: LEASE, onError })
  try {
    const mine = await held()
    const stop = createStop()
    keeper.hold(mine, stop)
    await harness.db.query('UPDATE shards SET epoch = epoch + 1 WHERE id = $1', [shard])
    await vi.waitFor(() => expect(stop.reason()).toBe('lost'), { timeout: 5_000 })
    expect(stop.signal.aborted).toBe(true)
  } finally {
    await keeper.close()
  }
})

/** Lets no timer and no socket of this thread have its turn. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
