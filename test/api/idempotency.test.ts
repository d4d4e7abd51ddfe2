import { operations } from '@portolan/api/operations.ts'
import { createDb } from '@portolan/db/client.ts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.stop())

const BODY = { targets: ['127.0.0.1'], ports: '22' }
const start = (key: string, body: unknown = BODY, send = api.send) =>
  send('POST', '/v1/scans', body, { 'Idempotency-Key': key })
const count = async () => (await api.query('SELECT count(*)::int AS n FROM scans'))[0]?.n

test('the same request with the same key does its work once and gets the same answer', async () => {
  const first = await start('one')
  const before = await count()
  const second = await start('one')
  expect(second.status).toBe(202)
  expect(second.json).toEqual(first.json)
  expect(second.headers.get('location')).toBe(first.headers.get('location'))
  expect(second.headers.get('idempotent-replayed')).toBe('true')
  expect(await count()).toBe(before)
})

test('twenty at once: one scan; the others replay it or are told to wait', async () => {
  const before = Number(await count())
  const replies = await Promise.all(Array.from({ length: 20 }, () => start('race')))
  expect(await count()).toBe(before + 1)
  const ids = new Set(replies.filter((reply) => reply.status === 202).map((reply) => reply.json.id))
  expect(ids.size).toBe(1)
  for (const reply of replies) {
    if (reply.status === 202) continue
    expect(reply.json).toMatchObject({ type: '/problems/idempotency-in-flight', status: 409 })
    expect(reply.headers.get('retry-after')).toBe('1')
  }
})

test('the same key with another body, or another path, is refused', async () => {
  const { json } = await start('two')
  expect((await start('two', { ...BODY, ports: '23' })).json).toMatchObject({ type: '/problems/idempotency-mismatch' })
  const other = await api.send('POST', `/v1/scans/${json.id}/rerun`, undefined, { 'Idempotency-Key': 'two' })
  expect(other.json).toMatchObject({ type: '/problems/idempotency-mismatch', status: 422 })
})

test('a refused request does not use its key up', async () => {
  expect((await start('three', { ...BODY, targets: ['8.8.8.8'] })).status).toBe(403)
  expect((await start('three')).status).toBe(202)
})

test('keys belong to a project and survive a restart', async () => {
  const first = await start('four')
  const again = await openTestApi({ databaseUrl: api.databaseUrl })
  expect(again.key).toBe('')
  const replay = await start('four', BODY, again.as(api.key))
  await again.stop()
  expect(replay.json).toEqual(first.json)
})

test('what a dead process left half-way is taken over after a minute', async () => {
  await start('five')
  const age = `UPDATE idempotency_keys SET status = NULL, response = NULL, created_at = now() - $1::interval WHERE key = 'five'`
  await api.query(age, ['10 s'])
  expect((await start('five')).json).toMatchObject({ type: '/problems/idempotency-in-flight' })
  await api.query(age, ['61 s'])
  expect((await start('five')).status).toBe(202)
})

test('after a day a key is free again', async () => {
  await start('six')
  await api.query(`UPDATE idempotency_keys SET expires_at = now() - interval '1 s' WHERE key = 'six'`)
  expect((await start('six', { ...BODY, ports: '99' })).status).toBe(202)
})

/** What may be repeated by key, and what it is sent. The scan that is run again, or by schedule, is over or has none. */
const REPEATABLE: readonly [id: string, path: string, body?: unknown][] = [
  ['startScan', '/v1/scans', BODY],
  ['rerunScan', '/v1/scans/{scan}/rerun'],
  ['createSchedule', '/v1/schedules', { name: 'slow', scan: BODY, everySeconds: 86_400 }],
  ['runSchedule', '/v1/schedules/{schedule}/run'],
  ['createScope', '/v1/scopes', { cidr: '198.51.100.0/24', owner: 'x', reason: 'x' }],
  ['createDoNotScan', '/v1/do-not-scan', { cidr: '198.51.100.1', reason: 'x' }],
  ['createPolicy', '/v1/policies', { name: 'slow', document: {} }],
  ['createWebhook', '/v1/webhooks', { name: 'slow', url: 'https://hooks.example.org/', events: ['*'] }],
]

test('the list below is whole', () => {
  const marked = operations.filter(({ idempotent }) => idempotent).map(({ id }) => id)
  expect(REPEATABLE.map(([id]) => id).sort()).toEqual(marked.sort())
})

test.each(REPEATABLE)(
  'of two that hold one claim of %s after another, only the later one does its work',
  async (id, route, body) => {
    const scan = await api.send('POST', '/v1/scans', BODY)
    const daily = { name: `for ${id}`, scan: BODY, everySeconds: 86_400 }
    const schedule = await api.send('POST', '/v1/schedules', daily)
    const path = route.replace('{scan}', String(scan.json.id)).replace('{schedule}', String(schedule.json.id))
    const send = () => api.send('POST', path, body, { 'Idempotency-Key': `slow ${id}`.replace(' ', '-') })
    const audited = async () => Number((await api.query('SELECT count(*)::int AS n FROM audit_entries'))[0]?.n)
    const before = await audited()
    const db = createDb(api.databaseUrl, { connections: 1 })
    const holder = await db.pool.connect()
    onTestFinished(async () => {
      holder.release(true)
      await db.close()
    })
    // Every write ends in the audit log, so there each of them can be held up.
    await holder.query('BEGIN; LOCK TABLE audit_entries IN EXCLUSIVE MODE')
    const waiting = (count: number) =>
      expect
        .poll(() =>
          api.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`),
        )
        .toHaveLength(count)
    const first = send()
    await waiting(1)
    const age = `UPDATE idempotency_keys SET created_at = now() - interval '61 s' WHERE status IS NULL`
    await api.query(age)
    const second = send()
    await waiting(2)
    await holder.query('COMMIT')
    const [overtaken, done] = await Promise.all([first, second])
    expect(overtaken.json).toMatchObject({ type: '/problems/idempotency-in-flight', status: 409 })
    expect(done.status, done.text).toBeLessThan(300)
    expect(await audited()).toBe(before + 1)
    const again = await send()
    expect([again.headers.get('idempotent-replayed'), again.json]).toEqual(['true', done.json])
  },
)
