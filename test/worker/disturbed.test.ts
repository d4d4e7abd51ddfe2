/** The same scan, the same results, whatever happens while it runs. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { planJob } from '@portolan/core/jobs.ts'
import { LOCK as RECONCILING } from '@portolan/worker/reconcile.ts'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, LEASE, NET, openHarness } from './harness.ts'

const backends = await testQueueUrls()
let harness: Harness
// Every test starts processes or waits for a scan, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 })
afterEach(() => harness.close())

/** Spread over the whole space, so that some are found before the disturbance and some after. */
const LISTENERS = [`${NET}.1:20100`, `${NET}.1:20900`, `${NET}.2:20500`, `${NET}.3:20007`, `${NET}.4:20990`]
const PROBES = 4_000
/** With pauses in between: about two seconds when nobody disturbs it. */
const startScan = async () => {
  await harness.listen(LISTENERS, 'SSH-2.0-OpenSSH_9.2p1\r\n')
  return harness.scan({
    targets: [[`${NET}.1`, `${NET}.4`]],
    ports: '{[20000,20999]}',
    services: 'light',
    rate: 1_500,
  })
}
const underWay = (scan: string) =>
  vi.waitFor(async () => expect(await harness.probed(scan)).toBeGreaterThan(200), { timeout: 10_000, interval: 10 })

async function expectAllOnce(scan: string): Promise<void> {
  const { status, summary } = await harness.until(scan, 'completed', 'partial', 'failed', 'cancelled')
  expect(status).toBe('completed')
  expect(summary).toMatchObject({ probed: PROBES, open: LISTENERS.length, closed: PROBES - LISTENERS.length, gaps: [] })
  expect(await harness.found(scan)).toEqual([...LISTENERS].sort())
  const { rows } = await harness.db.query(
    `SELECT detection, count(*)::int FROM observations WHERE scan_id = $1 GROUP BY 1`,
    [scan],
  )
  expect(rows).toEqual([{ detection: 'identified', count: LISTENERS.length }])
}

/** Keeps which shards were written, and by whose connections. */
const noteWrites = () =>
  harness.db.query(
    `CREATE TABLE writes (shard bigint, epoch int, application text);
     CREATE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       INSERT INTO writes VALUES (NEW.id, NEW.epoch, current_setting('application_name')); RETURN NEW;
     END $$;
     CREATE TRIGGER note_write BEFORE UPDATE ON shards FOR EACH ROW EXECUTE FUNCTION note_write()`,
  )

const shardsOf = async (application: string): Promise<readonly number[]> => {
  const sql = 'SELECT DISTINCT shard FROM writes WHERE application = $1'
  return (await harness.db.query(sql, [application])).rows.map(({ shard }) => shard)
}

async function flushRedis(url: string): Promise<void> {
  const redis = new Redis(url)
  await redis.flushdb()
  redis.disconnect()
}

async function emptyJobTable(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('TRUNCATE bullmq.job CASCADE')
  await client.end()
}

describe.each(backends)('with the queue on $backend', ({ backend, url }) => {
  test('kill -9 of the worker: another one finishes', async () => {
    harness = await openHarness(url)
    const worker = await harness.workerProcess()
    const scan = await startScan()
    await underWay(scan)
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    expect(await harness.probed(scan)).toBeLessThan(PROBES)
    await harness.worker()
    await expectAllOnce(scan)
  })

  test('SIGTERM: hands back what it has within seconds, and leaves', async () => {
    harness = await openHarness(url)
    const worker = await harness.workerProcess()
    const scan = await startScan()
    await underWay(scan)
    const begun = performance.now()
    worker.kill('SIGTERM')
    expect(await once(worker, 'exit')).toEqual([0, null])
    expect(performance.now() - begun).toBeLessThan(5_000)
    const { rows } = await harness.db.query(
      `SELECT count(*) FILTER (WHERE state = 'claimed')::int AS held, max(attempts) AS attempts,
         (SELECT count(*)::int FROM workers) AS workers FROM shards`,
    )
    expect(rows).toEqual([{ held: 0, attempts: 0, workers: 0 }])
    await harness.worker()
    await expectAllOnce(scan)
  })

  test('SIGSTOP for longer than a lease: the sleeper wakes up and writes nothing', async () => {
    harness = await openHarness(url)
    await noteWrites()
    const sleeper = await harness.workerProcess({ application: 'sleeper' })
    const scan = await startScan()
    await underWay(scan)
    sleeper.kill('SIGSTOP')
    const claimed = await harness.db.query<{ id: number }>("SELECT id FROM shards WHERE state = 'claimed'")
    const held = claimed.rows.map(({ id }) => id)
    expect(held.length).toBeGreaterThan(0)
    await harness.workerProcess({ application: 'other', slots: 4 })
    const taken = async () => (await shardsOf('other')).filter((shard) => held.includes(shard)).length
    await vi.waitFor(async () => expect(await taken()).toBe(held.length), { timeout: 20_000 })
    await harness.db.query('DELETE FROM writes')
    sleeper.kill('SIGCONT')
    await expectAllOnce(scan)
    // It may be given others, under epochs of their own.
    const { rows } = await harness.db.query("SELECT shard, epoch FROM writes WHERE application = 'sleeper'")
    expect(rows.filter(({ shard }) => held.includes(shard))).toEqual([])
  })

  test('SIGSTOP in the middle of a transaction: the sleeper keeps nobody else from its shard', async () => {
    harness = await openHarness(url)
    await noteWrites()
    // Of the sleeper's transactions that store a result, the middle takes long enough to be met.
    await harness.db.query(
      `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF current_setting('application_name') = 'sleeper' THEN PERFORM pg_sleep(0.7); END IF; RETURN NEW;
       END $$;
       CREATE TRIGGER dawdle BEFORE INSERT ON observations FOR EACH ROW EXECUTE FUNCTION dawdle()`,
    )
    const sleeper = await harness.workerProcess({ application: 'sleeper', slots: 1 })
    const scan = await startScan()
    const sessions = async (condition: string) => {
      const sql = `SELECT FROM pg_stat_activity WHERE application_name = 'sleeper' AND datname = current_database() AND ${condition}`
      return (await harness.db.query(sql)).rowCount
    }
    await vi.waitFor(async () => expect(await sessions(`wait_event = 'PgSleep'`)).toBe(1), {
      timeout: 10_000,
      interval: 5,
    })
    sleeper.kill('SIGSTOP')
    await vi.waitFor(async () => expect(await sessions(`state = 'idle in transaction'`)).toBe(1), { timeout: 4_000 })
    await harness.workerProcess({ application: 'other', slots: 4 })
    await expectAllOnce(scan)
    sleeper.kill('SIGCONT')
  })

  test('the queue loses everything', async () => {
    harness = await openHarness(url)
    await harness.worker({ slots: 1 })
    const scan = await startScan()
    await underWay(scan)
    const second = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20100,20100]}' })
    await harness.queues.queue('portolan-plan').add(planJob(second))
    await (backend === 'redis' ? flushRedis(url) : emptyJobTable(url))
    await expectAllOnce(scan)
    await harness.until(second, 'completed')
  })

  test('cancel: stops within a second and keeps what was found', async () => {
    harness = await openHarness(url)
    await harness.worker()
    const scan = await startScan()
    await underWay(scan)
    const begun = performance.now()
    await harness.db.query("UPDATE scans SET wanted = 'cancel' WHERE id = $1", [scan])
    await vi.waitFor(
      async () => {
        const { rows } = await harness.db.query("SELECT FROM shards WHERE state = 'claimed' AND scan_id = $1", [scan])
        expect(rows).toEqual([])
      },
      { timeout: 5_000, interval: 10 },
    )
    expect(performance.now() - begun).toBeLessThan(1_000)
    const { summary } = await harness.until(scan, 'cancelled')
    const { probed, open, closed, gaps } = summary ?? {}
    expect(probed).toBeLessThan(PROBES)
    expect(Number(open) + Number(closed)).toBe(probed)
    expect(gaps).not.toEqual([])
    const found = await harness.found(scan)
    // One that was found beyond the checkpoint is stored, too.
    expect(found.length).toBeGreaterThanOrEqual(Number(open))
    expect(LISTENERS).toEqual(expect.arrayContaining([...found]))
  })

  test('pause and resume: nothing happens in between, and nothing is missing afterwards', async () => {
    harness = await openHarness(url)
    await harness.worker()
    const scan = await startScan()
    await underWay(scan)
    await harness.db.query("UPDATE scans SET wanted = 'pause' WHERE id = $1", [scan])
    await harness.until(scan, 'paused')
    const probed = await harness.probed(scan)
    await sleep(LEASE)
    expect(await harness.probed(scan)).toBe(probed)
    await harness.db.query("UPDATE scans SET wanted = 'run' WHERE id = $1", [scan])
    await vi.waitFor(async () => expect(await harness.probed(scan)).toBeGreaterThan(probed), { timeout: 5_000 })
    await expectAllOnce(scan)
  })

  test.each([
    ['pause', 'paused'],
    ['cancel', 'cancelled'],
  ])('%s is settled by whoever lets go last, though nobody reconciles', async (wish, status) => {
    harness = await openHarness(url)
    for (let i = 0; i < 2; i++) await harness.worker({ lease: 30_000 })
    // Far from its end, however long this takes.
    const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.4`]], ports: '{[20000,20999]}', rate: 50 })
    await vi.waitFor(async () => expect(await harness.probed(scan)).toBeGreaterThan(0), { timeout: 60_000 })
    const reconciler = await harness.db.connect()
    try {
      await reconciler.query('SELECT pg_advisory_lock($1)', [RECONCILING])
      await harness.db.query('UPDATE scans SET wanted = $2 WHERE id = $1', [scan, wish])
      await harness.until(scan, status)
    } finally {
      reconciler.release(true)
    }
    const { rows } = await harness.db.query("SELECT FROM shards WHERE state = 'claimed'")
    expect(rows).toEqual([])
  })
})
