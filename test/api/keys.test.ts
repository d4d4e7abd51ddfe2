import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi, testApi, sender as testSender } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.stop())

const make = async (body: Json = {}) => {
  const { status, json } = await api.send('POST', '/v1/keys', { name: 'test', scopes: ['read'], ...body })
  expect(status).toBe(201)
  return json as Json & { id: string; token: string }
}
const status = async (token: string) => (await api.as(token)('GET', '/v1/scans')).status

test('a key is shown once and kept as a hash', async () => {
  const key = await make({ targetLimits: ['10.0.0.5/8'], rateLimit: 60 })
  expect(key).toMatchObject({ scopes: ['read'], targetLimits: ['10.0.0.0/8'], rateLimit: 60, revokedAt: null })
  expect(await status(key.token)).toBe(200)
  const { token, ...rest } = key
  const read = await api.send('GET', `/v1/keys/${key.id}`)
  expect(read.json).toEqual({ ...rest, lastUsedAt: read.json.lastUsedAt })
  // Whatever it holds: an underscore may be part of it.
  const secret = token.split('_').slice(2).join('_')
  expect(secret.length).toBeGreaterThan(20)
  const dump = await api.query(
    'SELECT api_keys::text || coalesce((SELECT string_agg(e::text, $1) FROM audit_entries e), $1) AS row FROM api_keys',
    [' '],
  )
  expect(JSON.stringify(dump)).not.toContain(secret)
})

test('a revoked key stops working, and so does the old secret of a rotated one', async () => {
  const key = await make()
  const { json: rotated } = await api.send('POST', `/v1/keys/${key.id}/rotate`)
  expect(await status(key.token)).toBe(401)
  expect(await status(String(rotated.token))).toBe(200)
  expect((await api.send('POST', `/v1/keys/${key.id}/revoke`)).json.revokedAt).not.toBeNull()
  expect(await status(String(rotated.token))).toBe(401)
  expect((await api.send('POST', `/v1/keys/${key.id}/revoke`)).status).toBe(200)
  expect((await api.send('POST', `/v1/keys/${key.id}/rotate`)).json).toMatchObject({ type: '/problems/conflict' })
})

test('another API process notices a revocation within a second', async () => {
  const other = await openTestApi({ databaseUrl: api.databaseUrl })
  const key = await make()
  const there = async () => (await other.as(key.token)('GET', '/v1/scans')).status
  expect(await there()).toBe(200)
  await api.send('POST', `/v1/keys/${key.id}/revoke`)
  await expect.poll(there, { timeout: 1_500, interval: 100 }).toBe(401)
  await other.stop()
})

test('an expired key says so', async () => {
  const past = await api.send('POST', '/v1/keys', { name: 'late', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' })
  expect(past).toMatchObject({ status: 422, json: { errors: [{ pointer: '#/expiresAt' }] } })
  const key = await make({ expiresAt: new Date(Date.now() + 400).toISOString() })
  await expect
    .poll(async () => (await api.as(key.token)('GET', '/v1/scans')).json)
    .toMatchObject({ type: '/problems/unauthorized', detail: /expired/ })
})

test('a stream ends with the key it began with', async () => {
  const { json: scan } = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '22' })
  const follow = async ({ token }: { token: string }) => {
    const headers = { Authorization: `Bearer ${token}` }
    const { status, body } = await fetch(`${api.url}/v1/scans/${scan.id}/events`, { headers })
    expect(status).toBe(200)
    let open = true
    const ended = (async () => {
      for await (const _ of body ?? []);
    })().catch(() => {})
    void ended.finally(() => {
      open = false
    })
    return { ended, isOpen: () => open }
  }
  const [kept, revoked, rotated] = [await make(), await make(), await make()]
  const streams = [await follow(kept), await follow(revoked), await follow(rotated)] as const
  await api.send('POST', `/v1/keys/${revoked.id}/revoke`)
  await api.send('POST', `/v1/keys/${rotated.id}/rotate`)
  await Promise.all([streams[1].ended, streams[2].ended])
  expect(streams[0].isOpen()).toBe(true)
  await api.send('POST', `/v1/keys/${kept.id}/revoke`)
  await streams[0].ended
})

test('the last admin key cannot be revoked', async () => {
  const { json } = await api.send('GET', '/v1/keys')
  const first = (json.items as Json[]).find(({ name }) => name === 'first key')
  const path = `/v1/keys/${first?.id}/revoke`
  expect((await api.send('POST', path)).json).toMatchObject({ type: '/problems/conflict', detail: /last admin/ })
  const second = await make({ scopes: ['admin'] })
  expect((await api.as(second.token)('POST', path)).status).toBe(200)
  expect(await status(api.key)).toBe(401)
  await api.query(`UPDATE api_keys SET revoked_at = NULL WHERE id = $1`, [first?.id])
  await expect.poll(() => status(api.key), { timeout: 1_500 }).toBe(200)
})

test('when a key was last used is noted', async () => {
  const key = await make()
  await status(key.token)
  const used = async () => (await api.send('GET', `/v1/keys/${key.id}`)).json.lastUsedAt
  await expect.poll(used).not.toBeNull()
})

test('above its rate a key is told to wait, and for how long', async () => {
  const key = await make({ rateLimit: 3 })
  const replies = []
  for (let i = 0; i < 4; i++) replies.push(await api.as(key.token)('GET', '/v1/scans'))
  expect(replies.map((reply) => reply.status)).toEqual([200, 200, 200, 429])
  expect(replies[0]?.headers.get('ratelimit-policy')).toBe('"key";q=3;w=60')
  expect(replies.map((reply) => reply.headers.get('ratelimit')?.split(';')[1])).toEqual(['r=2', 'r=1', 'r=0', 'r=0'])
  expect(replies[3]?.json).toMatchObject({ type: '/problems/rate-limited' })
  expect(Number(replies[3]?.headers.get('retry-after'))).toBeGreaterThan(10)
  expect(await status(api.key)).toBe(200)
})

test('every answer to a key tells its rate, whatever it says', async () => {
  const key = await make({ scopes: ['read'], rateLimit: 1_000 })
  const send = api.as(key.token)
  const { json: scan } = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '22' })
  const tag = (await send('GET', `/v1/scans/${scan.id}`)).headers.get('etag') ?? ''
  const replies = [
    await send('GET', '/v1/scans'),
    await send('GET', `/v1/scans/${scan.id}`, undefined, { 'If-None-Match': tag }),
    await send('GET', `/v1/scans/${scan.id}/results?format=ndjson`),
    await send('POST', '/v1/scans', { targets: ['127.0.0.1'] }),
    await send('GET', '/v1/scans/00000000-0000-7000-8000-000000000000'),
    await send('GET', '/v1/scans?limit=0'),
    await send('POST', '/v1/policies/draft', '{'),
  ]
  expect(replies.map((reply) => reply.status)).toEqual([200, 304, 200, 403, 404, 422, 400])
  for (const { status, headers } of replies) {
    expect(headers.get('ratelimit-policy'), String(status)).toBe('"key";q=1000;w=60')
    expect(headers.get('ratelimit'), String(status)).toMatch(/^"key";r=\d+;t=\d+$/)
  }
})

test('the rate of a key holds over all API instances, and fills up again', async () => {
  const other = await testApi({ databaseUrl: api.databaseUrl })
  const key = await make({ rateLimit: 20 })
  const [here, there] = [api.as(key.token), testSender(other.url, key.token)]
  const replies = await Promise.all(Array.from({ length: 30 }, (_, i) => (i % 2 ? here : there)('GET', '/v1/scans')))
  const statuses = replies.map((reply) => reply.status)
  // One more comes back every three seconds.
  expect(statuses).toContain(429)
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(20)
  await api.query(`UPDATE rate_limits SET free_at = free_at - interval '10 seconds' WHERE key = 'key ' || $1`, [key.id])
  const wait = Number(replies.find((reply) => reply.status === 429)?.headers.get('retry-after'))
  expect(wait).toBeLessThanOrEqual(3)
  await expect.poll(async () => (await here('GET', '/v1/scans')).status, { timeout: 10_000, interval: 500 }).toBe(200)
})

test('a generous rate is taken in parts, so that few requests ask the database', async () => {
  const key = await make({ rateLimit: 6_000 })
  for (let i = 0; i < 50; i++) expect(await status(key.token)).toBe(200)
  const [row] = await api.query(
    `SELECT round(extract(epoch FROM free_at - now()) * 100) AS taken FROM rate_limits WHERE key = 'key ' || $1`,
    [key.id],
  )
  // One part of 60 requests, less what has come back since.
  expect(Number(row?.taken)).toBeLessThanOrEqual(60)
})
