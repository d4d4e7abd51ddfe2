import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.stop())

const BODY = { owner: 'network team', reason: 'NET-311' }
const make = async (cidr: string) =>
  (await api.send('POST', '/v1/scopes', { cidr, ...BODY })).json as Json & { id: string }

test('an entry is made, read, changed, withdrawn, and every step is on record', async () => {
  const made = await make('198.51.100.9/24')
  expect(made).toMatchObject({ cidr: '198.51.100.0/24', ...BODY, expiresAt: null, createdBy: 'first key' })
  const path = `/v1/scopes/${made.id}`
  expect((await api.send('GET', path)).json).toEqual(made)
  const changed = await api.send('PATCH', path, { owner: 'security', expiresAt: '2030-01-01T01:00:00+01:00' })
  expect(changed.json).toEqual({ ...made, owner: 'security', expiresAt: '2030-01-01T00:00:00.000Z' })
  expect((await api.send('DELETE', path)).status).toBe(204)
  expect((await api.send('GET', path)).status).toBe(404)
  const audit = await api.query(
    `SELECT action, actor, host(address) AS address, before, after FROM audit_entries WHERE target_id = $1 ORDER BY id`,
    [made.id],
  )
  const by = { actor: 'first key', address: '127.0.0.1' }
  expect(audit).toEqual([
    { ...by, action: 'scope.create', before: null, after: made },
    { ...by, action: 'scope.update', before: made, after: changed.json },
    { ...by, action: 'scope.delete', before: changed.json, after: null },
  ])
})

test('of two people who change the same entry, the second is told', async () => {
  const made = await make('203.0.113.0/25')
  const path = `/v1/scopes/${made.id}`
  const tag = (await api.send('GET', path)).headers.get('etag') ?? ''
  const first = await api.send('PATCH', path, { owner: 'a' }, { 'If-Match': tag })
  expect(first.status).toBe(200)
  const second = await api.send('PATCH', path, { owner: 'b' }, { 'If-Match': tag })
  expect(second.json).toMatchObject({ type: '/problems/precondition-failed', status: 412 })
  expect((await api.send('DELETE', path, undefined, { 'If-Match': tag })).status).toBe(412)
  expect(first.headers.get('etag')).toBe((await api.send('GET', path)).headers.get('etag'))
  expect((await api.send('DELETE', path, undefined, { 'If-Match': first.headers.get('etag') ?? '' })).status).toBe(204)
})

test.each(['do-not-scan', 'listeners'])('what is deleted of %s is what was read', async (resource) => {
  const made = {
    'do-not-scan': { cidr: '192.0.2.9', reason: 'pump' },
    listeners: { host: 'web-1', addresses: ['127.0.0.1'], listeners: [] },
  }[resource]
  const { json } = await api.send('POST', `/v1/${resource}`, made)
  const path = `/v1/${resource}/${json.id}`
  const read = await api.send('GET', path)
  expect(read.json).toEqual(json)
  const stale = await api.send('DELETE', path, undefined, { 'If-Match': '"another"' })
  expect(stale.json).toMatchObject({ type: '/problems/precondition-failed' })
  expect((await api.send('GET', path)).status).toBe(200)
  const tag = read.headers.get('etag') ?? ''
  const gone = await Promise.all([1, 2, 3].map(() => api.send('DELETE', path, undefined, { 'If-Match': tag })))
  expect(gone.map(({ status }) => status).sort()).toEqual([204, 404, 404])
  const entries = await api.query(`SELECT action FROM audit_entries WHERE target_id = $1 AND after IS NULL`, [json.id])
  expect(entries).toEqual([{ action: `${resource}.delete` }])
})

test('the same block twice is a conflict, also when both come at once', async () => {
  const body = { cidr: '192.0.2.128/26', ...BODY }
  const replies = await Promise.all([1, 2, 3].map(() => api.send('POST', '/v1/scopes', body)))
  expect(replies.map((reply) => reply.status).sort()).toEqual([201, 409, 409])
})

test.each([
  ['10.0.0.0/33', /0 to 32|largest is 32/],
  ['10.0.0', /four decimal/],
  ['::ffff:10.0.0.1', /write 10\.0\.0\.1/],
  ['example.org', /IPv4|address/],
  ['10.0.0.1-10.0.0.9', /address|number/],
])('%s is no block', async (cidr, tells) => {
  const { json } = await api.send('POST', '/v1/scopes', { cidr, ...BODY })
  expect(json).toMatchObject({ type: '/problems/validation', errors: [{ pointer: '#/cidr', detail: tells }] })
})

test('the list has what a new installation starts with', async () => {
  const { json } = await api.send('GET', '/v1/scopes')
  const blocks = (json.items as Json[]).map(({ cidr }) => cidr)
  expect(blocks.slice(0, 2)).toEqual(['127.0.0.0/8', '::1/128'])
})

test('starting again gives no second key and brings no scope back', async () => {
  const { json } = await api.send('GET', '/v1/scopes')
  const loopback = (json.items as Json[]).find(({ cidr }) => cidr === '::1/128')
  await api.send('DELETE', `/v1/scopes/${loopback?.id}`)
  const again = await openTestApi({ databaseUrl: api.databaseUrl })
  expect(again.key).toBe('')
  const { json: after } = await again.as(api.key)('GET', '/v1/scopes')
  expect((after.items as Json[]).map(({ cidr }) => cidr)).not.toContain('::1/128')
  await again.stop()
})
