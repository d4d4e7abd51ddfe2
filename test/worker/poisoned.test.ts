/** Scans that can never be planned or finished: they end all the same, and say why. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, LEASE, NET, openHarness } from './harness.ts'

let harness: Harness
// Every test starts processes or waits for a scan, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 })
afterEach(() => harness.close())

/** Whoever inserts into this table is told so; when, is kept. */
async function poison(table: string): Promise<void> {
  await harness.db.query(
    `CREATE SEQUENCE tries; CREATE TABLE started (status text, at timestamptz);
     CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       PERFORM nextval('tries'); RAISE EXCEPTION 'poisoned';
     END $$;
     CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF NEW.step_attempts > OLD.step_attempts THEN INSERT INTO started VALUES (NEW.status, clock_timestamp()); END IF;
       RETURN NEW;
     END $$;
     CREATE TRIGGER note BEFORE UPDATE OF step_attempts ON scans FOR EACH ROW EXECUTE FUNCTION note();
     CREATE TRIGGER poison BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION poison()`,
  )
}

const tries = async (): Promise<number> =>
  (await harness.db.query('SELECT last_value::int AS tries FROM tries')).rows[0].tries

/** Milliseconds from one attempt to the next of scans in this status. */
async function rests(status: string): Promise<readonly number[]> {
  const { rows } = await harness.db.query(
    `SELECT extract(epoch FROM at - lag(at) OVER (ORDER BY at))::float8 * 1000 AS rest FROM started WHERE status = $1
     ORDER BY at`,
    [status],
  )
  return rows.slice(1).map(({ rest }) => rest)
}

async function expectPauses(status: string): Promise<void> {
  const between = await rests(status)
  // The last only gives up.
  expect(between).toHaveLength(5)
  for (const [i, part] of [0.2, 0.4, 0.8, 1, 1].entries())
    expect(between[i]).toBeGreaterThanOrEqual(part * 0.75 * LEASE)
}

/** What a webhook that wants to hear of every end is to be sent. */
async function told(): Promise<readonly unknown[]> {
  const { rows } = await harness.db.query('SELECT event, payload FROM deliveries ORDER BY id')
  return rows.map(({ event, payload }) => [event, payload.data.statusReason])
}

const subscribe = () =>
  harness.db.query(
    `INSERT INTO webhooks (project_id, name, kind, url, events, secret)
     SELECT id, 'test', 'webhook', 'http://127.0.0.1:1/', '{scan.*}', '\\x00' FROM projects LIMIT 1`,
  )

describe.each(await testQueueUrls())('with the queue on $backend', ({ url }) => {
  const open = async () => {
    harness = await openHarness(url)
    await subscribe()
  }

  test('a scan that cannot be planned fails after a few attempts, later and later, and tells it', async () => {
    await open()
    await poison('shards')
    const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20029]}' })
    await harness.worker()
    const reason = 'it could not be planned: given up after 5 attempts: poisoned'
    expect(await harness.until(scan, 'failed')).toEqual({ status: 'failed', status_reason: reason, summary: null })
    expect(await tries()).toBe(5)
    await expectPauses('queued')
    expect(await told()).toEqual([['scan.failed', reason]])
  })

  test('a scan that cannot be finished keeps what it found, is partial, and tells it', async () => {
    await open()
    await harness.listen([`${NET}.1:20007`])
    await poison('endpoints')
    const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20029]}' })
    await harness.worker()
    const why = 'given up after 5 attempts: poisoned'
    const reason = `what it found could not be compared with what is known: ${why}`
    expect(await harness.until(scan, 'partial')).toMatchObject({
      status_reason: reason,
      summary: { probed: 30, open: 1, gaps: [] },
    })
    expect(await harness.found(scan)).toEqual([`${NET}.1:20007`])
    expect(await tries()).toBe(5)
    await expectPauses('running')
    expect(await told()).toEqual([['scan.partial', reason]])
  })
})

test('what takes its worker down again and again is given up, and holds up nobody else', async () => {
  const [queue] = await testQueueUrls()
  harness = await openHarness(queue?.url ?? '')
  const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20029]}' })
  // As five workers leave it that were killed by it.
  await harness.db.query('UPDATE scans SET step_attempts = 5 WHERE id = $1', [scan])
  const other = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20029]}' })
  await harness.worker()
  expect(await harness.until(scan, 'failed')).toMatchObject({
    status_reason: 'it could not be planned: given up after 5 attempts: they took their workers down',
  })
  await harness.until(other, 'completed')
})
