/** What a scan says when not all of it could be done. */
import { spawnSync } from 'node:child_process'
import { afterEach, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, LEASE, NET, openHarness } from './harness.ts'

const backends = await testQueueUrls()
const url = backends[0]?.url ?? ''
let harness: Harness
// Every test starts processes or waits for a scan, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 })
afterEach(() => harness.close())

test('a shard that took its workers down again and again is given up, and listed as a gap', async () => {
  harness = await openHarness(url)
  const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20029]}' })
  await harness.db.query("UPDATE scans SET status = 'running', started_at = now() WHERE id = $1", [scan])
  await harness.db.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint, attempts)
     VALUES ($1, 'default', 'tcp', 0, 0, 10, 0, 0), ($1, 'default', 'tcp', 1, 10, 20, 14, 5),
       ($1, 'default', 'tcp', 2, 20, 30, 20, 1)`,
    [scan],
  )
  await harness.worker()
  const error = 'given up after 5 attempts that did not get past the same point'
  expect(await harness.until(scan, 'partial')).toMatchObject({
    status_reason: error,
    summary: {
      probes: 30,
      probed: 24,
      shards: { done: 2, failed: 1, cancelled: 0 },
      gaps: [{ vantage: 'default', transport: 'tcp', from: 14, to: 20, reason: error }],
    },
  })
})

test.each(backends)(
  '$backend: a shard that fails again and again is tried later and later, then listed with its reason',
  async (queue) => {
    harness = await openHarness(queue.url)
    const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20029]}' })
    await harness.db.query("UPDATE scans SET status = 'running', started_at = now() WHERE id = $1", [scan])
    await harness.db.query(
      `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
     VALUES ($1, 'default', 'tcp', 0, 0, 10, 0), ($1, 'default', 'tcp', 1, 10, 20, 10), ($1, 'default', 'tcp', 2, 20, 30, 20)`,
      [scan],
    )
    await harness.db.query(
      `CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF NEW.ordinal = 1 AND NEW.checkpoint > 10 THEN RAISE EXCEPTION 'poisoned'; END IF;
       IF NEW.epoch > OLD.epoch THEN INSERT INTO claims VALUES (NEW.ordinal, clock_timestamp()); END IF;
       RETURN NEW;
     END $$;
     CREATE TABLE claims (ordinal int, at timestamptz);
     CREATE TRIGGER poison BEFORE UPDATE ON shards FOR EACH ROW EXECUTE FUNCTION poison()`,
    )
    await harness.worker()
    const error = 'given up after 5 attempts that did not get past the same point: poisoned'
    expect(await harness.until(scan, 'partial')).toMatchObject({
      status_reason: error,
      summary: { probed: 20, shards: { done: 2, failed: 1 }, gaps: [{ from: 10, to: 20, reason: error }] },
    })
    const { rows } = await harness.db.query(
      `SELECT extract(epoch FROM at - lag(at) OVER (ORDER BY at))::float8 * 1000 AS rest FROM claims WHERE ordinal = 1 ORDER BY at`,
    )
    const rests: number[] = rows.slice(1).map(({ rest }) => rest)
    expect(rests).toHaveLength(5)
    for (const [i, part] of [0.2, 0.4, 0.8, 1, 1].entries())
      expect(rests[i]).toBeGreaterThanOrEqual(part * 0.75 * LEASE)
  },
)

test('a scan whose time is over keeps what it has and lists the rest', async () => {
  harness = await openHarness(url)
  const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.4`]], ports: '{[20000,20999]}', rate: 500 })
  await harness.worker()
  // However long it takes until it has begun.
  await vi.waitFor(async () => expect(await harness.probed(scan)).toBeGreaterThan(0), { timeout: 30_000 })
  await harness.db.query("UPDATE scans SET time_limit_at = now() + interval '1 second' WHERE id = $1", [scan])
  const { summary } = await harness.until(scan, 'partial')
  expect(summary?.probed).toBeGreaterThan(0)
  expect(summary?.probed).toBeLessThan(3_000)
  const gaps = (summary?.gaps ?? []) as { from: number; to: number }[] // because: the harness takes any JSON
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from, 0)
  expect(missing).toBe(4000 - Number(summary?.probed))
  // What several shards in a row have not done is one gap.
  expect(gaps.length).toBeLessThanOrEqual(3)
  expect(gaps.at(-1)).toMatchObject({ transport: 'tcp', to: 4000 })
})

const NOBODY = { uid: 65534, gid: 65534 }
const isRoot = process.getuid?.() === 0
const mayRead = isRoot && spawnSync('test', ['-r', import.meta.filename], NOBODY).status === 0

test.runIf(mayRead)('what this machine cannot do fails loudly, and is no verdict on any port', async () => {
  harness = await openHarness(url)
  const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20009]}', engine: 'syn' })
  await harness.workerProcess(NOBODY)
  expect(await harness.until(scan, 'failed')).toMatchObject({
    status_reason: expect.stringContaining('NO_CAP_NET_RAW'),
    summary: { probed: 0, open: 0, closed: 0, filtered: 0, gaps: [{ from: 0, to: 10 }] },
  })
})

test('a scan with more addresses than can be numbered fails with the reason, not the worker', async () => {
  harness = await openHarness(url)
  await harness.db.query("UPDATE scopes SET cidr = '2001:db8::/32'")
  const scan = await harness.scan({
    targets: [['2001:db8::', '2001:db8:0:0:ffff:ffff:ffff:ffff']],
    ports: '{[1,1000]}',
  })
  await harness.worker()
  expect(await harness.until(scan, 'failed')).toMatchObject({
    status_reason: expect.stringContaining('more than the 9007199254740991 a scan can number'),
  })
})
