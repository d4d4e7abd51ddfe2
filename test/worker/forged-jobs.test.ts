/** Jobs that somebody who reaches the queue, and nothing else, puts there by hand: none of them makes a packet go out. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { finishJob, planJob, shardJob } from '@portolan/core/jobs.ts'
import type { BareQueue } from '@portolan/queue/backend.ts'
import type { Delivery } from '@portolan/queue/consumer.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import { afresh } from '@portolan/worker/afresh.ts'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, LEASE, NET, openHarness } from './harness.ts'

let harness: Harness
vi.setConfig({ testTimeout: 120_000 })
afterEach(() => harness.close())

const HOST = `${NET}.77`
const QUEUE = 'portolan-scan-default'
const OTHER_PROJECT = '00000000-0000-7000-8000-0000000000f0'

/** Somebody listens where every forged scan points, and counts who comes. */
async function visitors(): Promise<() => number> {
  let count = 0
  const server = createServer((socket) => {
    count++
    socket.destroy()
  })
  server.listen(20_001, HOST)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return () => count
}

type Wish = { readonly vantage?: string; readonly set: string; readonly shard?: string }

/** A scan of that host with one shard, in the state that is asked for. */
async function scanLike({ vantage = 'default', set, shard = '' }: Wish) {
  const scan = await harness.scan({ targets: [[HOST, HOST]], ports: '{[20000,20010)}', vantages: [vantage] })
  // Before any worker is there: nobody has planned it.
  await harness.db.query(`UPDATE scans SET started_at = now(), probes_total = 10, ${set} WHERE id = $1`, [scan])
  const { rows } = await harness.db.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
     VALUES ($1, $2, 'tcp', 0, 0, 10, 0) RETURNING id::text`,
    [scan, vantage],
  )
  const id: string = rows[0].id
  if (shard !== '') await harness.db.query(`UPDATE shards SET ${shard} WHERE id = $1`, [id])
  return { scan, shard: id }
}

const everything = async () => {
  const { rows } = await harness.db.query(
    `SELECT s.id, s.status, s.status_reason, s.project_id, d.state, d.epoch, d.checkpoint, d.attempts,
       (SELECT count(*) FROM shards c WHERE c.scan_id = s.id) AS shards, (SELECT count(*) FROM observations) AS seen
     FROM scans s LEFT JOIN shards d ON d.scan_id = s.id ORDER BY s.id, d.id`,
  )
  return rows
}

const A = '01a1a000-0000-7000-8000-00000000000a'

/** Payloads that are no jobs, or more than one. */
const NONSENSE: readonly unknown[] = [
  null,
  'plan',
  [],
  [{ name: 'plan', v: 1, scanId: A }],
  {},
  { name: 'plan', v: 1 },
  { name: 'plan', v: '1', scanId: A },
  { name: 'plan', v: 1.5, scanId: A },
  { name: 'plan', v: 1, scanId: [A] },
  { name: 'plan', v: 1, scanId: `${A}'; DROP TABLE scans; --` },
  { name: 'plan', v: 1, scanId: `${A}\n` },
  { name: 'plan', v: 1, scanId: A.toUpperCase() },
  { name: 'constructor', v: 1, scanId: A },
  { name: 'notify', v: 1, scanId: A, url: 'http://169.254.169.254/' },
  { name: 'scan-shard', v: 1, scanId: A, shardId: 1 },
  { name: 'scan-shard', v: 1, scanId: A, shardId: '-1' },
  { name: 'scan-shard', v: 1, scanId: A, shardId: '1e3' },
  { name: 'scan-shard', v: 1, scanId: A, shardId: '9'.repeat(20) },
  { name: 'scan-shard', v: 1, scanId: A, shardId: { $gt: '0' } },
  JSON.parse('{"__proto__":{"name":"plan","v":1,"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  JSON.parse(`{"name":"plan","v":1,"scanId":"${A}","__proto__":{"polluted":true}}`),
]

describe.each(await testQueueUrls())('with the queue on $backend', ({ url }) => {
  test('what a job claims is worth nothing against the tables', async () => {
    harness = await openHarness(url)
    const came = await visitors()
    await harness.db.query(`INSERT INTO projects (id, name) VALUES ($1, 'other')`, [OTHER_PROJECT])
    const paused = await scanLike({ set: `status = 'paused', wanted = 'pause'` })
    const cancelled = await scanLike({ set: `status = 'cancelled', wanted = 'cancel', summary = '{}'` })
    const over = await scanLike({ set: `status = 'completed', summary = '{}'`, shard: `state = 'done', epoch = 3` })
    const held = await scanLike({ set: `status = 'paused', held = true, windows = ${NEVER}` })
    const late = await scanLike({ set: `status = 'completed', time_limit_at = now() - interval '1 s', summary = '{}'` })
    const elsewhere = await scanLike({
      vantage: 'office',
      set: `status = 'running', status_reason = 'waiting for a worker at office'`,
    })
    const foreign = await scanLike({ set: `status = 'paused', wanted = 'pause', project_id = '${OTHER_PROJECT}'` })
    const all = [paused, cancelled, over, held, late, elsewhere, foreign]
    await harness.worker()
    const before = await everything()
    const queue = harness.queues.queue(QUEUE)
    for (const { scan, shard } of all) {
      // Each epoch there is and could be, and the shard of one scan under the name of each other.
      await queue.add(...[0, 1, 3, 4, 1_000_000].map((epoch) => shardJob(scan, shard, epoch)))
      for (const other of all) await queue.add(shardJob(other.scan, shard, 7))
      await harness.queues.queue('portolan-plan').add(planJob(scan))
      await harness.queues.queue('portolan-finish').add(finishJob(scan))
      // In queues where they do not belong, and with targets of their own.
      await queue.add({ ...finishJob(scan), id: `x-${scan}` }, { ...planJob(scan), id: `y-${scan}` })
      const { data } = shardJob(scan, shard, 0)
      const more = { targets: ['169.254.169.254'], addresses: [HOST], status: 'running', wanted: 'run', epoch: 99 }
      await queue.add({ name: 'scan-shard', id: `z-${scan}`, data: { ...data, ...more } })
    }
    await drained()
    expect(await everything()).toEqual(before)
    expect(came()).toBe(0)
  })

  test('nonsense is dropped, and the worker goes on', async () => {
    harness = await openHarness(url)
    const came = await visitors()
    await harness.worker()
    for (const name of [QUEUE, 'portolan-plan', 'portolan-finish'])
      for (const data of NONSENSE) await harness.queues.bare(name).add('x', data)
    await drained()
    expect(Object.hasOwn(Object.prototype, 'polluted') || 'polluted' in {}).toBe(false)
    expect(came()).toBe(0)
    const scan = await harness.scan({ targets: [[HOST, HOST]], ports: '{[20000,20010)}' })
    await harness.until(scan, 'completed')
    expect(await harness.found(scan)).toEqual([`${HOST}:20001`])
  })

  test('who puts jobs of the same names off for ever keeps no scan waiting', async () => {
    harness = await openHarness(url)
    const later = { delay: 10 * 365 * 86_400_000 }
    const running = await scanLike({ set: `status = 'running'` })
    const queued = await harness.scan({ targets: [[HOST, HOST]], ports: '{[20000,20010)}' })
    const scans = [running.scan, queued]
    await harness.queues.queue(QUEUE).add({ ...shardJob(running.scan, running.shard, 0), ...later })
    for (const scan of scans) {
      await harness.queues.queue('portolan-plan').add({ ...planJob(scan), ...later })
      await harness.queues.queue('portolan-finish').add({ ...finishJob(scan), ...later })
    }
    await harness.worker()
    for (const scan of scans) await harness.until(scan, 'completed')
  })

  test.each([
    ['pauses', (queue: BareQueue) => queue.pause()],
    ['lets none run of', (queue: BareQueue) => queue.setGlobalConcurrency(0)],
    ['lets one run a year of', (queue: BareQueue) => queue.setGlobalRateLimit(1, 365 * 86_400_000)],
  ])('who %s the queues keeps no scan waiting', async (_, hold) => {
    harness = await openHarness(url)
    await harness.worker()
    for (const name of [QUEUE, 'portolan-plan', 'portolan-finish']) await hold(harness.queues.bare(name))
    const scans = []
    for (let i = 0; i < 3; i++) scans.push(await harness.scan({ targets: [[HOST, HOST]], ports: '{[20000,20010)}' }))
    for (const scan of scans) await harness.until(scan, 'completed')
  })

  test('who takes jobs and never ends them keeps no scan waiting', async () => {
    harness = await openHarness(url)
    const running = await scanLike({ set: `status = 'running'` })
    const queued = await harness.scan({ targets: [[HOST, HOST]], ports: '{[20000,20010)}' })
    const done = await scanLike({ set: `status = 'running'`, shard: `state = 'done', checkpoint = 10` })
    const jobs = {
      [QUEUE]: shardJob(running.scan, running.shard, 0),
      'portolan-plan': planJob(queued),
      'portolan-finish': finishJob(done.scan),
    }
    const { promise: over, resolve: end } = Promise.withResolvers<void>()
    const taken: string[] = []
    await using thief = openQueues(url)
    try {
      for (const [name, job] of Object.entries(jobs)) {
        await harness.queues.queue(name).add(job, afresh(job, LEASE))
        const take = ({ id }: Delivery) => {
          taken.push(id)
          return over
        }
        thief.worker(name, take, { concurrency: 2 })
      }
      await vi.waitFor(() => expect(taken).toHaveLength(6), { timeout: 20_000 })
      await harness.worker()
      for (const scan of [running.scan, queued, done.scan]) await harness.until(scan, 'completed')
    } finally {
      end()
    }
  })

  test('a shard that points at what is forbidden by now is refused before it is begun', async () => {
    harness = await openHarness(url)
    const came = await visitors()
    const forged = await scanLike({ set: `status = 'running'` })
    await harness.db.query(`INSERT INTO projects (id, name) VALUES ($1, 'other')`, [OTHER_PROJECT])
    const foreign = await scanLike({ set: `status = 'running', project_id = '${OTHER_PROJECT}'` })
    await harness.db.query(`INSERT INTO do_not_scan (cidr, reason) VALUES ($1, 'a pacemaker')`, [HOST])
    await harness.worker()
    for (const { scan, shard } of [forged, foreign]) await harness.queues.queue(QUEUE).add(shardJob(scan, shard, 0))
    expect(await harness.until(forged.scan, 'failed')).toMatchObject({
      status_reason: expect.stringContaining('a pacemaker'),
      summary: { probed: 0, sent: 0 },
    })
    // Its own project may scan nothing at all, whatever the project of the others may.
    expect(await harness.until(foreign.scan, 'failed')).toMatchObject({
      status_reason: expect.stringContaining('outside the scope'),
      summary: { probed: 0, sent: 0 },
    })
    expect(came()).toBe(0)
  })
})

/** Windows that are open in another minute than this one. */
const NEVER = `jsonb_build_object('zone', 'UTC', 'ranges', jsonb_build_array(jsonb_build_object(
  'from', to_char(now() AT TIME ZONE 'UTC' + interval '6 hours', 'HH24:MI'),
  'to', to_char(now() AT TIME ZONE 'UTC' + interval '7 hours', 'HH24:MI'))))`

const drained = () =>
  vi.waitFor(
    async () => {
      for (const name of [QUEUE, 'portolan-plan', 'portolan-finish'])
        expect(await harness.queues.queue(name).counts()).toEqual({ waiting: 0, active: 0, delayed: 0 })
    },
    { timeout: 60_000, interval: 100 },
  )
