import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.stop())

const URL = 'https://hooks.example.org/services/T0/very-secret'
const make = async (name: string, more: Json = {}) => {
  const reply = await api.send('POST', '/v1/webhooks', { name, url: URL, events: ['change.*'], ...more })
  expect(reply.status, reply.text).toBe(201)
  return reply.json
}

test('a webhook is made with its secret shown once, read, changed and deleted, and the log has no secret', async () => {
  const { secret, ...made } = await make('on-call', { quietHours: { from: '22:00', to: '07:00' }, kind: 'slack' })
  expect(Buffer.from(String(secret).replace(/^whsec_/, ''), 'base64')).toHaveLength(32)
  const path = `/v1/webhooks/${made.id}`
  expect((await api.send('GET', path)).json).toEqual(made)
  expect((await api.send('POST', '/v1/webhooks', { name: 'on-call', url: URL, events: ['*'] })).status).toBe(409)
  const changes = { quietHours: null, digest: 'daily', timeZone: 'Europe/Berlin', filter: { networks: ['10.0.0.0/8'] } }
  const changed = await api.send('PATCH', path, changes)
  expect(changed.json).toMatchObject({ ...changes, name: 'on-call', revision: 2 })
  expect((await api.send('PATCH', path, { filter: null })).json).toMatchObject({ filter: null })
  expect((await api.send('DELETE', path)).status).toBe(204)
  expect((await api.send('GET', path)).status).toBe(404)
  const audit = await api.query('SELECT action, before, after FROM audit_entries WHERE target_id = $1', [made.id])
  expect(audit.map(({ action }) => action)).toEqual([
    'webhook.create',
    'webhook.update',
    'webhook.update',
    'webhook.delete',
  ])
  for (const secret of ['whsec_', 'very-secret']) expect(JSON.stringify(audit)).not.toContain(secret)
})

test('a secret is replaced: the old one stays valid for a while and is not shown', async () => {
  const { secret, id } = await make('rotated')
  const rotated = await api.send('POST', `/v1/webhooks/${id}/rotate-secret`, { graceSeconds: 60 })
  expect(rotated.json.secret).not.toBe(secret)
  expect(Date.parse(String(rotated.json.previousSecretUntil)) - Date.now()).toBeLessThanOrEqual(60_000)
  const [row] = await api.query("SELECT encode(previous_secret, 'base64') AS before FROM webhooks WHERE id = $1", [id])
  expect(`whsec_${row?.before}`).toBe(secret)
})

test.each([
  [{ url: 'ftp://x.example' }, '#/url'],
  [{ url: 'http://x.example', kind: 'slack' }, '#/url'],
  [{ url: 'https://user:password@x.example' }, '#/url'],
  [{ url: 'https://x.example', kind: 'email' }, '#/url'],
  [{ url: 'mailto:a@x.example?bcc=b@x.example', kind: 'email' }, '#/url'],
  [{ events: ['change.*', 'change.vanished'] }, '#/events/1'],
  [{ events: [] }, '#/events'],
  [{ timeZone: 'Mars/Olympus' }, '#/timeZone'],
  [{ quietHours: { from: '24:00', to: '07:00' } }, '#/quietHours/from'],
  [{ filter: { networks: ['10.0.0.300'] } }, '#/filter/networks/0'],
])('%j is refused at %s', async (wrong, pointer) => {
  const { status, json } = await api.send('POST', '/v1/webhooks', { name: 'bad', url: URL, events: ['*'], ...wrong })
  expect(status).toBe(422)
  expect((json.errors as Json[]).map((error) => error.pointer)).toEqual([pointer])
})

test('a test message is put into the outbox and can be sent again; a held one cannot', async () => {
  const { id } = await make('tested')
  const path = `/v1/webhooks/${id}`
  const sent = await api.send('POST', `${path}/test`)
  expect(sent.json).toMatchObject({ event: 'webhook.test', state: 'pending', attempts: 0, log: [] })
  const delivery = `${path}/deliveries/${sent.json.id}`
  await api.query("UPDATE deliveries SET state = 'failed', attempts = 11 WHERE id = $1", [sent.json.id])
  await api.query("INSERT INTO delivery_attempts (delivery_id, status, error, duration_ms) VALUES ($1, 500, 'no', 3)", [
    sent.json.id,
  ])
  const listed = (await api.send('GET', `${path}/deliveries?state=failed`)).json.items
  expect(listed).toMatchObject([{ id: sent.json.id, state: 'failed', nextAttemptAt: null }])
  const again = await api.send('POST', `${delivery}/redeliver`)
  expect(again.json).toMatchObject({ state: 'pending', attempts: 0, log: [{ status: 500, error: 'no' }] })
  await api.query("UPDATE deliveries SET state = 'held' WHERE id = $1", [sent.json.id])
  expect((await api.send('POST', `${delivery}/redeliver`)).status).toBe(409)
  await api.send('PATCH', path, { enabled: false })
  expect((await api.send('POST', `${path}/test`)).status).toBe(409)
})

test('turning it on again forgets its failures', async () => {
  const { id } = await make('failed')
  await api.query("UPDATE webhooks SET enabled = false, failures = 9, disabled_reason = 'x' WHERE id = $1", [id])
  const { json } = await api.send('PATCH', `/v1/webhooks/${id}`, { enabled: true })
  expect(json).toMatchObject({ enabled: true, failures: 0, disabledReason: null })
})
