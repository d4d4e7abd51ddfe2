/** Who is planned next when many wait: nobody has everybody else wait, however much they ask for or how urgently. */
import { randomBytes } from 'node:crypto'
import { PLAN_QUEUE, planJob } from '@portolan/core/jobs.ts'
import { DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { nextToPlan } from '@portolan/worker/next-to-plan.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

let harness: Harness
vi.setConfig({ testTimeout: 90_000 })
afterEach(() => harness.close())

/** Scans of one closed port each, by a key of their own, in the order of their coming. */
async function wait(count: number, priority = 0): Promise<readonly string[]> {
  const { db } = harness
  const key = await db.query(
    `INSERT INTO api_keys (project_id, public_id, secret_hash, name, scopes) VALUES ($1, $2, $3, 'test', '{scan}')
     RETURNING id`,
    [DEFAULT_PROJECT, randomBytes(8).toString('hex'), randomBytes(32)],
  )
  const { rows } = await db.query<{ id: string }>(
    `WITH scan AS (
       INSERT INTO scans (project_id, key_id, priority, request, seed, vantages, services, engine, tcp_ports)
       SELECT $1, $2, $3, '{}', '\\x00112233445566778899aabbccddeeff', '{default}', 'none', 'connect', '{[20000,20000]}'
       FROM generate_series(1, $4) RETURNING id
     ), target AS (INSERT INTO scan_targets SELECT id, 0, host($5::inet), NULL, $5, $5 FROM scan)
     SELECT id FROM scan ORDER BY id`,
    [DEFAULT_PROJECT, key.rows[0].id, priority, count, `${NET}.1`],
  )
  return rows.map(({ id }) => id)
}

/** How many scans were planned before this one, once it is. */
async function plannedBefore(scan: string | undefined): Promise<number> {
  const count = `SELECT count(*)::int AS n FROM scans a, scans b WHERE b.id = $1 AND a.started_at < b.started_at`
  await vi.waitFor(
    async () => {
      const { rows } = await harness.db.query('SELECT FROM scans WHERE id = $1 AND started_at IS NOT NULL', [scan])
      expect(rows).toHaveLength(1)
    },
    { timeout: 60_000, interval: 50 },
  )
  return (await harness.db.query(count, [scan])).rows[0].n
}

describe.each(await testQueueUrls())('with the queue on $backend', ({ url }) => {
  // A fair lottery misses these limits once in a hundred thousand times, and in thirty million.
  test.each([
    ['a hundred urgent scans', 100, 5, 95],
    ['a thousand scans', 1_000, 0, 25],
  ])('%s of one key do not have the scan of another wait', async (_, many, priority, most) => {
    harness = await openHarness(url)
    const flood = await wait(many, priority)
    const [one] = await wait(1)
    // As they come out of the API: all of the flood before the one.
    await harness.queues.queue(PLAN_QUEUE).add(...flood.map(planJob), ...(one ? [planJob(one)] : []))
    await harness.worker()
    expect(await plannedBefore(one)).toBeLessThan(most)
    await harness.until(one ?? '', 'completed')
  })
})

test('whoever is drawn is not drawn again, by anybody, until its lease is over', async () => {
  harness = await openHarness((await testQueueUrls())[0]?.url ?? '')
  const parts = { db: harness.db, lease: 60_000 }
  const scans = [...(await wait(10)), ...(await wait(3, 9))]
  const drawn = await Promise.all(scans.map(() => nextToPlan(parts)))
  expect(drawn.map((job) => job?.scanId).sort()).toEqual(scans.sort())
  expect(await nextToPlan(parts)).toBeNull()
  await harness.db.query('UPDATE scans SET step_retry_at = now()')
  expect(await nextToPlan(parts)).not.toBeNull()
})

test('the urgent is drawn oftener', async () => {
  harness = await openHarness((await testQueueUrls())[0]?.url ?? '')
  const [usual, urgent] = [await wait(200), await wait(200, 5)]
  const drawn: string[] = []
  for (let i = 0; i < 200; i++) drawn.push((await nextToPlan({ db: harness.db, lease: 60_000 }))?.scanId ?? '')
  const count = (scans: readonly string[]) => drawn.filter((id) => scans.includes(id)).length
  // 177 are to be expected; seven times the deviation on either side.
  expect(count(urgent)).toBeGreaterThan(140)
  expect(count(usual)).toBeGreaterThan(0)
})
