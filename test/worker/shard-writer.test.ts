/** Results, counters and checkpoint of a shard: together, in order, and not oftener than they are worth. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Batch } from '@portolan/core/engine/engine.ts'
import type { Observation } from '@portolan/db/observations.ts'
import { claimShard, LeaseLost } from '@portolan/worker/shard-claim.ts'
import { ShardWriter } from '@portolan/worker/shard-writer.ts'
import { createStop } from '@portolan/worker/stop.ts'
import { createTally } from '@portolan/worker/tally.ts'
import { afterEach, expect, test, vi } from 'vitest'
import { emptyDatabase } from '#test/support/test-services.ts'
import { type Harness, openHarness } from './harness.ts'

const LEASE = 30_000
const SIZE = 60_000
let harness: Harness
vi.setConfig({ testTimeout: 60_000 })
afterEach(() => harness.close())

/** A writer for a shard of its own; every checkpoint is noted. */
async function open() {
  harness = await openHarness(await emptyDatabase())
  const { db } = harness
  const scan = await harness.scan({ targets: [['127.0.0.1', '127.0.0.1']], ports: '{[1,60000]}' })
  await db.query("UPDATE scans SET status = 'running' WHERE id = $1", [scan])
  const { rows } = await db.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
     VALUES ($1, 'default', 'tcp', 0, 0, $2, 0) RETURNING id::text`,
    [scan, SIZE],
  )
  const self = { id: randomUUID(), name: 'test', vantage: 'default', slots: 1, addresses: [] }
  const claim = (await claimShard({ db, self, lease: LEASE }, scan, rows[0].id)) ?? expect.fail('not claimed')
  await db.query(
    `CREATE TABLE commits (number int GENERATED ALWAYS AS IDENTITY, checkpoint bigint);
     CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       INSERT INTO commits (checkpoint) VALUES (NEW.checkpoint); RETURN NEW;
     END $$;
     CREATE TRIGGER note BEFORE UPDATE OF checkpoint ON shards FOR EACH ROW EXECUTE FUNCTION note()`,
  )
  const stop = createStop()
  const writer = new ShardWriter({ db, self, lease: LEASE, tally: createTally() }, claim, stop)
  writer.begin()
  return { writer, stop, scan }
}

const batchTo = (resolvedUpTo: number, closed: number): Batch => ({
  resolvedUpTo,
  counts: { open: 0, closed, filtered: 0, openFiltered: 0 },
  results: [],
  stats: { sent: resolvedUpTo, received: resolvedUpTo, invalid: 0, lossEstimate: 0, recallEstimate: 1 },
})

const opened = (port: number): Observation => ({
  ip: '127.0.0.1',
  port,
  state: 'open',
  reason: 'syn-ack',
  rtt: 1,
  seenAt: new Date(),
  detection: null,
})

/** The checkpoints in the order they were stored in. */
async function commits(): Promise<readonly number[]> {
  const { rows } = await harness.db.query('SELECT checkpoint::int FROM commits ORDER BY number')
  return rows.map(({ checkpoint }) => checkpoint)
}

const stored = async (): Promise<{ checkpoint: number; closed: number; open: number }> =>
  (
    await harness.db.query(
      `SELECT checkpoint::int, closed::int, (SELECT count(*)::int FROM observations) AS open FROM shards`,
    )
  ).rows[0]

test('what is learnt of an endpoint is stored with it or after it, and what another holder stored is no obstacle', async () => {
  const { writer } = await open()
  const silent = { status: 'silent', tls: null, evidence: new Uint8Array() } as const
  await writer.batch(batchTo(10, 0), [opened(1), opened(2)])
  await writer.observe({ ...opened(2), detection: silent })
  await writer.flush()
  await writer.observe({ ...opened(1), detection: silent })
  await writer.batch(batchTo(20, 0), [opened(2), opened(3)])
  await writer.flush()
  const { rows } = await harness.db.query('SELECT port, detection FROM observations ORDER BY port')
  expect(rows).toEqual([
    { port: 1, detection: 'silent' },
    { port: 2, detection: 'silent' },
    { port: 3, detection: null },
  ])
})

test('a commit waits half a second for more, however fast the batches come and however slow the last commit was', async () => {
  const { writer } = await open()
  // A commit that takes longer than the batches that come meanwhile.
  await harness.db.query(
    `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$;
     CREATE TRIGGER dawdle BEFORE UPDATE OF checkpoint ON shards FOR EACH ROW EXECUTE FUNCTION dawdle()`,
  )
  const begun = performance.now()
  for (let i = 1; (await commits()).length < 4; i++) {
    await writer.batch(batchTo(i, 1), [])
    await sleep(20)
  }
  // Each but the first began half a second after the one before.
  expect(performance.now() - begun).toBeGreaterThan(3 * 500 - 10)
  await writer.flush()
})

test('what came in is in the tables after flush, each row with its checkpoint', async () => {
  const { writer } = await open()
  for (let port = 1; port <= 5_000; port++) await writer.batch(batchTo(port, 0), [opened(port)])
  await writer.flush()
  expect(await stored()).toEqual({ checkpoint: 5_000, closed: 0, open: 5_000 })
  await writer.batch(batchTo(5_010, 10), [])
  await writer.flush()
  expect(await stored()).toEqual({ checkpoint: 5_010, closed: 10, open: 5_000 })
  // Not once per row: what waits is bounded, and so is how often it is written.
  const checkpoints = await commits()
  expect(checkpoints).toEqual([...checkpoints].sort((a, b) => a - b))
  expect(checkpoints.length).toBeLessThan(200)
})

test('what is left alone after a batch is committed without another', async () => {
  const { writer } = await open()
  await writer.batch(batchTo(7, 7), [opened(1)])
  await vi.waitFor(async () => expect(await stored()).toEqual({ checkpoint: 7, closed: 7, open: 1 }), {
    timeout: 20_000,
  })
})

test('nothing is stored after what could not be, and no checkpoint passes it', async () => {
  const { writer } = await open()
  await harness.db.query(
    `CREATE TABLE broken ();
     INSERT INTO broken DEFAULT VALUES;
     CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF NOT EXISTS (SELECT FROM broken) THEN RETURN NEW; END IF;
       PERFORM pg_sleep(1);
       RAISE 'broken';
     END $$;
     CREATE TRIGGER fail BEFORE UPDATE OF checkpoint ON shards FOR EACH ROW EXECUTE FUNCTION fail()`,
  )
  await writer.batch(batchTo(7, 7), [opened(1)])
  // The commit of that has begun, and has not failed yet.
  await sleep(1_000)
  await writer.batch(batchTo(9, 2), [opened(2)])
  await expect(writer.flush()).rejects.toThrow('broken')
  await harness.db.query('DELETE FROM broken')
  await sleep(1_000)
  expect(await stored()).toEqual({ checkpoint: 0, closed: 0, open: 0 })
})

test.each([
  ['progress alone', []],
  ['results', [opened(1)]],
])('a shard that is another worker’s by now takes no %s', async (_, observations) => {
  const { writer, stop } = await open()
  await harness.db.query('UPDATE shards SET epoch = epoch + 1')
  await writer.batch(batchTo(7, 7), observations)
  await expect(writer.flush()).rejects.toThrow(LeaseLost)
  expect(stop.reason()).toBe('lost')
  expect(await stored()).toEqual({ checkpoint: 0, closed: 0, open: 0 })
  await expect(writer.batch(batchTo(8, 1), [])).rejects.toThrow(LeaseLost)
})
