import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Json, openTestApi, type TestApi } from '../test-api.ts'

const [, redis] = await testQueueUrls()
let api: TestApi
const skew = 0
beforeAll(async () => {
  api = await openTestApi({ now: () => new Date(Date.now() + skew) }, redis)
})
afterAll(() => api.stop())

let count = 0
const SCAN = { targets: ['127.0.0.1'], ports: '22' }
async function make(more: Json = {}, send = api.send): Promise<Json> {
  const reply = await send('POST', '/v1/schedules', { name: `s${count++}`, scan: SCAN, everySeconds: 3600, ...more })
  expect(reply.status, reply.text).toBe(201)
  onTestFinished(async () => void (await api.send('DELETE', `/v1/schedules/${reply.json.id}`)))
  return reply.json
}
const runsOf = async ({ id }: Json) => (await api.send('GET', `/v1/schedules/${id}/runs`)).json.items as Json[]
const isDue = ({ id }: Json, ago = 0) =>
  api.query(`UPDATE schedules SET next_run_at = $2 WHERE id = $1`, [id, new Date(Date.now() + skew - ago)])
const end = (scanId: unknown) =>
  api.query(`UPDATE scans SET status = 'completed', finished_at = now() WHERE id = $1`, [scanId])
const ran = (schedule: Json, ...outcomes: string[]) =>
  vi.waitFor(
    async () => {
      const runs = await runsOf(schedule)
      expect(runs.map(({ outcome }) => outcome)).toEqual(outcomes)
      return runs
    },
    { timeout: 20_000, interval: 100 },
  )

test('a schedule is made, read, changed, listed and deleted, and each is in the audit log', async () => {
  const body = { name: 'nightly', scan: SCAN, cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
  const plan = await api.send('POST', '/v1/schedules', { ...body, dryRun: true })
  expect(plan.json).toMatchObject({ scan: { hosts: 1, accepted: true } })
  expect((plan.json.nextRuns as string[]).length).toBe(5)
  const made = await api.send('POST', '/v1/schedules', body)
  expect(made).toMatchObject({ status: 201, json: { ...body, scan: { ports: '22', engine: 'auto' }, lastRun: null } })
  const path = `/v1/schedules/${made.json.id}`
  expect(made.headers.get('location')).toBe(path)
  expect((await api.send('POST', '/v1/schedules', body)).json).toMatchObject({ type: '/problems/conflict' })
  const changed = await api.send(
    'PATCH',
    path,
    { everySeconds: 60 },
    { 'If-Match': (await api.send('GET', path)).headers.get('etag') ?? '' },
  )
  expect(changed.json).toMatchObject({ cron: null, everySeconds: 60, revision: 2 })
  expect((await api.send('PATCH', path, { name: 'x' }, { 'If-Match': '"old"' })).status).toBe(412)
  expect((await api.send('POST', `${path}/pause`)).json).toMatchObject({ paused: true, nextRuns: [] })
  expect((await api.send('POST', `${path}/resume`)).json).toMatchObject({ paused: false, nextRuns: { length: 5 } })
  expect((await api.send('GET', '/v1/schedules')).json.items).toMatchObject([{ id: made.json.id }])
  expect((await api.send('DELETE', path)).status).toBe(204)
  expect((await api.send('GET', path)).status).toBe(404)
  const audit = (await api.send('GET', '/v1/audit')).json.items as Json[]
  expect(audit.filter(({ targetId }) => targetId === made.json.id).map(({ action }) => action)).toEqual(
    ['delete', 'resume', 'pause', 'update', 'create'].map((verb) => `schedule.${verb}`),
  )
})

test.each([
  ['both ways of saying when', { cron: '@daily', everySeconds: 60 }, '#/cron'],
  ['none', { everySeconds: null }, '#/cron'],
  ['a cron nobody understands', { cron: '99 * * * *', everySeconds: null }, '#/cron'],
  ['a zone that does not exist', { timeZone: 'Mars/Olympus' }, '#/timeZone'],
  ['jitter beyond the next run', { jitterSeconds: 3600 }, '#/jitterSeconds'],
  ['targets outside the scope', { scan: { targets: ['8.8.8.8'] } }, '#/targets/0'],
])('%s: refused', async (_, more, pointer) => {
  const { json } = await api.send('POST', '/v1/schedules', { name: 'bad', scan: SCAN, everySeconds: 3600, ...more })
  expect(json.errors, JSON.stringify(json)).toMatchObject([{ pointer }])
})

test('it runs when it is due, once, as the scan it says, and again at the next time', async () => {
  const schedule = await make({ everySeconds: 2, overlap: 'skip' })
  const [run] = await ran(schedule, 'started')
  const scan = await api.send('GET', `/v1/scans/${run?.scanId}`)
  expect(scan.json).toMatchObject({ scheduleId: schedule.id, targets: ['127.0.0.1'], status: 'queued' })
  await end(run?.scanId)
  const runs = await ran(schedule, 'started', 'started')
  const gap = Date.parse(String(runs[0]?.dueAt)) - Date.parse(String(runs[1]?.dueAt))
  expect(gap % 2000).toBe(0)
})

test('run now: also while paused, not while a run goes on', async () => {
  const schedule = await make({ paused: true })
  const path = `/v1/schedules/${schedule.id}/run`
  const first = await api.send('POST', path, undefined, { 'Idempotency-Key': 'now' })
  expect(first).toMatchObject({ status: 202, json: { scheduleId: schedule.id } })
  expect((await api.send('POST', path, undefined, { 'Idempotency-Key': 'now' })).json.id).toBe(first.json.id)
  expect((await api.send('POST', path)).json).toMatchObject({ type: '/problems/conflict' })
  expect(await runsOf(schedule)).toMatchObject([{ outcome: 'started', reason: 'run by hand', scanId: first.json.id }])
  expect((await api.send('GET', `/v1/schedules/${schedule.id}`)).json.lastRun).toMatchObject({ scanStatus: 'queued' })
})

test('a run that is due while the one before goes on is skipped', async () => {
  const schedule = await make()
  const { json: busy } = await api.send('POST', `/v1/schedules/${schedule.id}/run`)
  await isDue(schedule)
  const [skipped] = await ran(schedule, 'skipped', 'started')
  expect(skipped?.reason).toBe(`the run before still goes on: scan ${busy.id}`)
})

test('or waits, if that is wanted; no more than one', async () => {
  const schedule = await make({ overlap: 'queue' })
  const { json: busy } = await api.send('POST', `/v1/schedules/${schedule.id}/run`)
  await isDue(schedule)
  await ran(schedule, 'waiting', 'started')
  await isDue(schedule)
  const [second] = await ran(schedule, 'skipped', 'waiting', 'started')
  expect(second?.reason).toMatch(/waits already/)
  await end(busy.id)
  const runs = await ran(schedule, 'skipped', 'started', 'started')
  expect(runs[1]).toMatchObject({ reason: 'waited for the run before', scanStatus: 'queued' })
})

const EVERY_TEN = { everySeconds: null, cron: '*/10 * * * *' }

test('after the service was down: one run for all that were missed, or none', async () => {
  const [once, none] = [await make(EVERY_TEN), await make({ ...EVERY_TEN, missed: 'skip' })]
  // Between three and four tens of minutes lie in 1,900 s: which, the clock on the wall decides.
  for (const schedule of [once, none]) await isDue(schedule, 1_900_000)
  const [late] = await ran(once, 'started')
  expect(late?.reason).toMatch(/^late: the service did not run when it was due, as were [34] runs after it/)
  const [skipped] = await ran(none, 'skipped')
  expect(skipped?.reason).toMatch(/^missed: .* [34] runs/)
  for (const schedule of [once, none]) {
    const [next] = (await api.send('GET', `/v1/schedules/${schedule.id}`)).json.nextRuns as string[]
    expect(Date.parse(next ?? '')).toBeGreaterThan(Date.now())
  }
})

test('what a run may do is looked at when it runs: a scope that has expired, a key that was revoked', async () => {
  const scope = await api.send('POST', '/v1/scopes', { cidr: '10.9.0.0/16', owner: 'x', reason: 'x' })
  const elsewhere = await make({ scan: { targets: ['10.9.1.1'], ports: '22' } })
  await api.send('PATCH', `/v1/scopes/${scope.json.id}`, { expiresAt: new Date(Date.now() - 1000).toISOString() })
  await isDue(elsewhere)
  expect((await ran(elsewhere, 'skipped'))[0]?.reason).toMatch(/10\.9\.1\.1: .*expired/)

  const { json: key } = await api.send('POST', '/v1/keys', { name: 'k', scopes: ['scan'] })
  const orphan = await make({}, api.as(String(key.token)))
  await api.send('POST', `/v1/keys/${key.id}/revoke`)
  await isDue(orphan)
  expect((await ran(orphan, 'skipped'))[0]?.reason).toMatch(/revoked; save the schedule with another key/)
  await api.send('PATCH', `/v1/schedules/${orphan.id}`, { jitterSeconds: 1 })
  await isDue(orphan)
  await ran(orphan, 'started', 'skipped')
})

/** Two hours on, for two hours, whatever the hour of the day. */
function laterToday() {
  const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16)
  return { zone: 'UTC', ranges: [{ from: clock(2), to: clock(4) }] }
}

test('a run waits for the windows of its scan; one that somebody starts says when it goes on', async () => {
  const windows = laterToday()
  const [range] = windows.ranges
  const body = { everySeconds: 60, scan: { ...SCAN, windows } }
  const schedule = await make(body)
  const opening = (schedule.nextRuns as string[])[0] ?? ''
  expect(opening.slice(11, 16)).toBe(range?.from)
  const plan = await api.send('POST', '/v1/schedules', { ...body, name: 'planned', dryRun: true })
  expect((plan.json.nextRuns as string[])[0]).toBe(opening)
  const stored = await api.query('SELECT next_run_at AS at FROM schedules WHERE id = $1', [schedule.id])
  expect(stored).toEqual([{ at: new Date(opening) }])
  const { json: scan } = await api.send('POST', `/v1/schedules/${schedule.id}/run`)
  expect(scan.statusReason).toBe(`outside its windows; goes on at ${opening.slice(0, 16)}Z`)
  const path = `/v1/schedules/${schedule.id}`
  const { json: free } = await api.send('PATCH', path, { scan: SCAN })
  expect(Date.parse((free.nextRuns as string[])[0] ?? '')).toBeLessThan(Date.now() + 61_000)
})

test('a run that begins late, and so outside, is held until the windows open', async () => {
  const schedule = await make({ scan: { ...SCAN, windows: laterToday() } })
  await isDue(schedule)
  const [run] = await ran(schedule, 'started')
  const { json: scan } = await api.send('GET', `/v1/scans/${run?.scanId}`)
  expect(scan).toMatchObject({
    status: 'queued',
    statusReason: expect.stringMatching(/^outside its windows; goes on at/),
  })
})

test('the queue may lose everything, and two services share one schedule', async () => {
  const other = await openTestApi({ databaseUrl: api.databaseUrl }, redis)
  onTestFinished(other.stop)
  const schedule = await make({ everySeconds: 3 })
  const client = new Redis(redis?.url ?? '')
  const wiping = setInterval(() => void client.flushall().catch(() => {}), 150)
  onTestFinished(() => void client.disconnect())
  await vi.waitFor(
    async () => {
      for (const { scanId } of await runsOf(schedule)) await end(scanId)
      expect((await runsOf(schedule)).length).toBeGreaterThan(1)
    },
    { timeout: 60_000, interval: 300 },
  )
  clearInterval(wiping)
  const runs = await runsOf(schedule)
  expect(new Set(runs.map(({ dueAt }) => dueAt)).size).toBe(runs.length)
  expect(runs.map(({ outcome }) => outcome)).toEqual(runs.map(() => 'started'))
})
