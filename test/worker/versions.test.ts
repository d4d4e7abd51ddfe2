/** Workers of two versions of the jobs, as an upgrade or a step back has them for a while. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { finishJob, JOB_VERSION, type JobToAdd, planJob, shardJob } from '@portolan/core/jobs.ts'
import { afresh } from '@portolan/worker/afresh.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, LEASE, NET, openHarness } from './harness.ts'

let harness: Harness
vi.setConfig({ testTimeout: 60_000 })
afterEach(() => harness.close())

const HOST = `${NET}.5`
const PORTS = '{[20000,20010)}'
const QUEUE = 'portolan-scan-default'

const of = (version: number, job: JobToAdd): JobToAdd => ({ ...job, data: { ...job.data, v: version } })

/** A scan nobody has planned, one with a shard to do, and one with nothing left to do; jobs of that version for each. */
async function atEveryStep(version: number): Promise<readonly string[]> {
  const scans: string[] = []
  for (let i = 0; i < 3; i++) scans.push(await harness.scan({ targets: [[HOST, HOST]], ports: PORTS }))
  const [queued = '', running = '', done = ''] = scans
  await harness.db.query("UPDATE scans SET status = 'running', started_at = now() WHERE id = ANY ($1)", [
    [running, done],
  ])
  const { rows } = await harness.db.query<{ id: string }>(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint, state)
     VALUES ($1, 'default', 'tcp', 0, 0, 10, 0, 'pending'), ($2, 'default', 'tcp', 0, 0, 10, 10, 'done') RETURNING id::text`,
    [running, done],
  )
  const jobs = {
    'portolan-plan': planJob(queued),
    [QUEUE]: shardJob(running, rows[0]?.id ?? '', 0),
    'portolan-finish': finishJob(done),
  }
  for (const [name, job] of Object.entries(jobs))
    await harness.queues.queue(name).add(of(version, job), of(version, afresh(job, LEASE)))
  return scans
}

const newerWorker = (id: string) =>
  harness.db.query(
    `INSERT INTO workers (id, name, vantage, version, job_version, capabilities, addresses, heartbeat_at)
     VALUES ($1, 'newer', 'elsewhere', '9', $2, '{"slots":1}', '{}', now() + interval '1 hour')`,
    [id, JOB_VERSION + 1],
  )

describe.each(await testQueueUrls())('with the queue on $backend', ({ url }) => {
  test.each([
    ['older', JOB_VERSION - 1],
    ['newer', JOB_VERSION + 1],
  ])('jobs of %s workers that are gone keep no scan waiting', async (_, version) => {
    harness = await openHarness(url)
    const scans = await atEveryStep(version)
    await harness.worker()
    for (const scan of scans) await harness.until(scan, 'completed')
  })

  test('a worker takes nothing while a newer one is there, and everything once that is gone', async () => {
    harness = await openHarness(url)
    const newer = randomUUID()
    await newerWorker(newer)
    const scans = await atEveryStep(JOB_VERSION + 1)
    const own = await harness.scan({ targets: [[HOST, HOST]], ports: PORTS })
    await harness.queues.queue('portolan-plan').add(planJob(own))
    await harness.worker()
    const left = async () => {
      const { rows } = await harness.db.query('SELECT DISTINCT status FROM scans ORDER BY 1')
      const claimed = await harness.db.query('SELECT FROM shards WHERE epoch > 0')
      return [rows.map(({ status }) => status), claimed.rowCount]
    }
    await vi.waitFor(
      async () => expect(await harness.queues.queue('portolan-plan').counts()).toMatchObject({ delayed: 3 }),
      { timeout: 20_000 },
    )
    await sleep(3 * LEASE)
    expect(await left()).toEqual([['queued', 'running'], 0])
    await harness.db.query('DELETE FROM workers WHERE id = $1', [newer])
    for (const scan of [...scans, own]) await harness.until(scan, 'completed')
  })
})
