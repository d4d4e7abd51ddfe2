import { createDb, type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { guardOf } from '@portolan/worker/notify/guard.ts'
import { createNotifier, type Notifier } from '@portolan/worker/notify/notifier.ts'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { pastScan, type Seen } from '#test/support/past-scan.ts'
import { testDatabase } from '#test/support/test-services.ts'
import { receiver } from './receiver.ts'

let db: Db
beforeAll(async () => {
  db = createDb(await testDatabase())
})
afterAll(() => db.close())
beforeEach(() => db.pool.query('DELETE FROM webhooks; DELETE FROM scans; DELETE FROM policies; DELETE FROM endpoints'))

const SECRET = Buffer.from('a secret of thirty-two bytes....')

async function subscribe(url: string, wish: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const values = { name: 'test', kind: 'webhook', events: ['change.*', 'finding.*'], secret: SECRET, url, ...wish }
  const columns = Object.keys(values)
  const { rows } = await db.pool.query<{ id: string }>(
    `INSERT INTO webhooks (project_id, ${columns.join(', ')}) VALUES ($1, ${columns.map((_, i) => `$${i + 2}`).join(', ')})
     RETURNING id`,
    [DEFAULT_PROJECT, ...Object.values(values)],
  )
  return rows[0]?.id ?? ''
}

function notifier(networks: readonly string[] = ['127.0.0.0/8']): Notifier {
  const ways = { guard: guardOf(networks, []), sendMail: null, client: { name: 'Portolan', url: null } }
  const running = createNotifier({ db: db.pool, ways, onError: (error) => expect.fail(String(error)) })
  onTestFinished(() => running.stop())
  return running
}

const deliveries = async () =>
  (
    await db.pool.query(
      `SELECT event, state, attempts, next_attempt_at AS due,
         (SELECT error FROM delivery_attempts a WHERE a.delivery_id = d.id ORDER BY a.id DESC LIMIT 1) AS error
       FROM deliveries d ORDER BY seq`,
    )
  ).rows
const settled = (state: string, count: number) =>
  vi.waitFor(async () => expect((await deliveries()).filter((d) => d.state === state)).toHaveLength(count), {
    timeout: 20_000,
  })

const SSH = { at: '127.0.0.1:22', service: { name: 'ssh', product: 'OpenSSH', version: '9.6p1' } }
const closed = ({ at }: Seen): Seen => ({ at, state: 'closed' })
const scan = (...seen: readonly Seen[]) => pastScan(db.pool, { seen })

test('every change comes once, signed, in order, with all there is to know', async () => {
  const { url, got } = await receiver()
  await subscribe(url)
  await db.pool.query('INSERT INTO policies (project_id, name, document) VALUES ($1, $2, $3)', [
    DEFAULT_PROJECT,
    'all shut',
    { otherwise: 'forbid', rules: [] },
  ])
  await scan()
  await scan(SSH)
  await scan({ ...SSH, service: { ...SSH.service, version: '9.9p1' } })
  await scan(closed(SSH))
  notifier()
  await settled('delivered', 5)
  const told = got.map(({ headers, body }) => {
    const header = (name: string) => String(headers[name])
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
    const signed = Object.fromEntries(names.map((name) => [name, header(name)]))
    return new Webhook(SECRET.toString('base64')).verify(body, signed)
  })
  expect(told).toMatchObject([
    {
      type: 'change.opened',
      text: '127.0.0.1 tcp/22 (from default) opened: OpenSSH 9.6p1',
      data: { endpoint: { ip: '127.0.0.1', port: 22, transport: 'tcp' }, after: { product: 'OpenSSH' } },
    },
    { type: 'finding.opened', data: { policy: 'all shut', severity: 'medium', close: { ufw: /deny .* port 22$/ } } },
    { type: 'change.version-changed', data: { before: { version: '9.6p1' }, after: { version: '9.9p1' } } },
    { type: 'change.closed', text: /closed: OpenSSH 9\.9p1 was there/ },
    { type: 'finding.resolved', text: /finding resolved \(medium\); it was: .* is open/, data: { close: null } },
  ])
  expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(5)
})

test('what is not wanted is not sent, and two notifiers send nothing twice', async () => {
  const { url, types } = await receiver()
  await subscribe(url, { events: ['change.opened', 'scan.*'], filter: { networks: ['127.0.0.1/32'] } })
  await subscribe(url, { name: 'other vantage', filter: { vantages: ['office'] } })
  await subscribe(url, { name: 'off', enabled: false })
  await scan()
  await scan(SSH, { at: '127.0.0.2:22' })
  for (let i = 0; i < 2; i++) notifier()
  await settled('delivered', 3)
  expect(types().sort()).toEqual(['change.opened', 'scan.completed', 'scan.completed'])
})

test('a receiver that fails is tried again, later ones of the place wait for it, and it is told why', async () => {
  const { url, got } = await receiver((_, count) => (count === 1 ? { status: 503 } : { status: 200 }))
  await subscribe(url)
  await scan()
  await scan(SSH)
  await scan(closed(SSH))
  const running = notifier()
  await vi.waitFor(async () => expect((await deliveries())[0]).toMatchObject({ attempts: 1, error: 'answered 503' }))
  expect(got).toHaveLength(1)
  await db.pool.query("UPDATE deliveries SET next_attempt_at = now() WHERE state = 'pending'")
  running.hurry()
  await settled('delivered', 2)
  expect(got.map(({ body }) => JSON.parse(body).type)).toEqual(['change.opened', 'change.opened', 'change.closed'])
  expect(got[0]?.headers['webhook-id']).toBe(got[1]?.headers['webhook-id'])
})

test.each([
  ['an address no entry names', '127.0.0.1', [], /127\.0\.0\.1 may not be sent to: .* special purpose/],
  ['its other spelling', '[::ffff:127.0.0.1]', [], /may not be sent to: carries an IPv4 address/],
  ['a name that means it', 'localhost', ['10.0.0.0/8'], /may not be sent to/],
])('nothing is sent to %s', async (_, host, networks, error) => {
  const { url, got } = await receiver()
  await subscribe(url.replace('127.0.0.1', host))
  await scan()
  await scan(SSH)
  notifier(networks)
  await vi.waitFor(async () => expect((await deliveries())[0]).toMatchObject({ state: 'pending', error }))
  expect(got).toEqual([])
})

test('a redirect is not followed', async () => {
  const other = await receiver()
  const { url } = await receiver(() => ({ status: 302, headers: { Location: other.url } }))
  await subscribe(url)
  await scan()
  await scan(SSH)
  notifier()
  await vi.waitFor(async () => expect((await deliveries())[0]).toMatchObject({ error: 'answered 302' }))
  expect(other.got).toEqual([])
})

test('after a day of failures, or 410, the webhook is off and the audit log says why', async () => {
  const { url } = await receiver((_, count) => ({ status: count === 1 ? 500 : 410 }))
  const id = await subscribe(url)
  await scan()
  await scan(SSH)
  await db.pool.query('UPDATE deliveries SET attempts = 10')
  const running = notifier()
  await settled('failed', 1)
  const state = async () => (await db.pool.query('SELECT enabled, disabled_reason FROM webhooks')).rows[0]
  expect(await state()).toEqual({ enabled: false, disabled_reason: '11 attempts failed, the last one: answered 500' })
  await db.pool.query('UPDATE webhooks SET enabled = true')
  await scan(closed(SSH))
  running.hurry()
  await settled('failed', 2)
  expect(await state()).toMatchObject({ enabled: false, disabled_reason: /410 Gone/ })
  const audit = await db.pool.query('SELECT actor, after FROM audit_entries WHERE target_id = $1', [id])
  expect(audit.rows).toHaveLength(2)
  expect(audit.rows[0]).toMatchObject({ actor: 'notifier', after: { enabled: false } })
})

test('digests: one message for a scan, one for a day, nothing at night', async () => {
  const { url, got } = await receiver()
  await subscribe(url, { name: 'scan', digest: 'per-schedule' })
  await subscribe(url, { name: 'day', digest: 'daily', digest_at: '06:00' })
  const now = new Date()
  const hour = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString().slice(11, 16)
  await subscribe(url, { name: 'night', quiet_hours: { from: hour(-2), to: hour(2) } })
  await scan()
  await scan(SSH, { at: '127.0.0.2:22' })
  const running = notifier()
  await settled('delivered', 1)
  expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({ type: 'digest', text: '2 events', data: { count: 2 } })
  const waiting = (await deliveries()).filter(({ state }) => state !== 'delivered')
  expect(waiting.map(({ state }) => state)).toEqual(['held', 'held', 'pending', 'pending'])
  for (const { due } of waiting.slice(2)) expect(due.toISOString().slice(11, 16)).toBe(hour(2))
  for (const { due } of waiting.slice(0, 2)) expect(due.toISOString()).toMatch(/T06:00:00/)
  await db.pool.query("UPDATE deliveries SET next_attempt_at = now() WHERE state = 'held'")
  running.hurry()
  await settled('delivered', 2)
  await settled('digested', 2)
})

test('while a secret is replaced both signatures are there', async () => {
  const { url, got } = await receiver()
  const other = Buffer.from('another secret of as many bytes.')
  await subscribe(url, { previous_secret: other, previous_until: new Date(Date.now() + 60_000) })
  await scan()
  await scan(SSH)
  notifier()
  await settled('delivered', 1)
  const [one] = got
  for (const secret of [SECRET, other]) {
    const headers = Object.fromEntries(Object.entries(one?.headers ?? {}).map(([name, value]) => [name, String(value)]))
    expect(new Webhook(secret.toString('base64')).verify(one?.body ?? '', headers)).toMatchObject({
      type: 'change.opened',
    })
  }
})
