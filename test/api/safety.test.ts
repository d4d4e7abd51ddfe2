/** Scope, do-not-scan, limits of a key, projects: what must not be scanned or seen. */

import { loadScope } from '@portolan/api/load-scope.ts'
import { ownAddresses } from '@portolan/api/own-addresses.ts'
import { setOf, sizeOf, spanOfCidr } from '@portolan/core/target/address-set.ts'
import { parseCidr } from '@portolan/core/target/cidr.ts'
import { checkScope } from '@portolan/core/target/guard.ts'
import { createDb, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi, testApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.stop())

const start = (targets: readonly string[], more: Json = {}, send = api.send) =>
  send('POST', '/v1/scans', { targets, ports: '22', ...more })
const rangesOf = async (id: unknown) =>
  (
    await api.query(
      `SELECT host(range_start) || '-' || host(range_end) AS range FROM scan_targets WHERE scan_id = $1 ORDER BY ordinal`,
      [id],
    )
  ).map((row) => row.range)

test('a new installation may scan loopback and nothing else but itself', async () => {
  expect((await start(['127.0.0.1', '::1', '127.255.255.254'])).status).toBe(202)
  for (const target of ['10.0.0.1', '192.168.1.1', '8.8.8.8', '169.254.169.254', '224.0.0.1', '2001:db8::1'])
    expect((await start([target])).json, target).toMatchObject({ type: '/problems/out-of-scope' })
})

test('a scope opens what it covers, until it expires', async () => {
  const made = await api.send('POST', '/v1/scopes', { cidr: '198.18.5.77/24', owner: 'lab', reason: 'test' })
  expect(made.json).toMatchObject({ cidr: '198.18.5.0/24', namesSpecial: true })
  expect((await start(['198.18.5.0/25'])).status).toBe(202)
  expect((await start(['198.18.4.255'])).status).toBe(403)
  const expiresAt = new Date(Date.now() - 1_000).toISOString()
  await api.send('PATCH', `/v1/scopes/${made.json.id}`, { expiresAt })
  const late = await start(['198.18.5.1'])
  expect(late.json).toMatchObject({ type: '/problems/out-of-scope', detail: /expired/ })
})

test('the do-not-scan list beats every scope: a part is left out and reported, the whole is refused', async () => {
  const entry = await api.send('POST', '/v1/do-not-scan', { cidr: '127.7.7.8/31', reason: 'pacemaker' })
  expect(entry.status).toBe(201)
  const { json } = await start(['127.7.7.0/28'])
  expect(json).toMatchObject({ hosts: 14, refused: [{ target: '127.7.7.0/28', addresses: '127.7.7.8/31' }] })
  expect(await rangesOf(json.id)).toEqual(['127.7.7.0-127.7.7.7', '127.7.7.10-127.7.7.15'])
  const whole = await start(['127.0.0.1', '127.7.7.9'])
  expect(whole.json).toMatchObject({ type: '/problems/out-of-scope', errors: [{ pointer: '#/targets/1' }] })
  expect(whole.text).toContain('pacemaker')
  expect((await api.send('DELETE', `/v1/do-not-scan/${entry.json.id}`)).status).toBe(204)
  expect((await start(['127.7.7.9'])).status).toBe(202)
})

test('a key may be held to networks of its own', async () => {
  const body = { name: 'narrow', scopes: ['scan'], targetLimits: ['127.1.0.0/16'] }
  const { json } = await api.send('POST', '/v1/keys', body)
  const narrow = api.as(String(json.token))
  expect((await start(['127.1.2.3'], {}, narrow)).status).toBe(202)
  const refused = await start(['127.1.2.3', '127.2.0.1'], {}, narrow)
  expect(refused.json).toMatchObject({ type: '/problems/out-of-scope', errors: [{ pointer: '#/targets/1' }] })
  expect(refused.text).toContain('127.1.0.0/16')
})

test('a key may be held to a number of scans and of probes, also when all come at once', async () => {
  const keyWith = async (limits: Json) => {
    const { json } = await api.send('POST', '/v1/keys', { name: 'quota', scopes: ['scan'], ...limits })
    return api.as(String(json.token))
  }
  const few = await keyWith({ maxScans: 2 })
  const replies = await Promise.all(Array.from({ length: 8 }, () => start(['127.0.0.1'], {}, few)))
  expect(replies.filter(({ status }) => status === 202)).toHaveLength(2)
  const refused = replies.find(({ status }) => status === 429)
  expect(refused?.json).toMatchObject({ type: '/problems/quota-exceeded', detail: /2 unfinished/ })
  await few('POST', `/v1/scans/${replies.find(({ status }) => status === 202)?.json.id}/cancel`)
  expect((await start(['127.0.0.1'], {}, few)).status).toBe(202)
  const daily = await keyWith({ dailyProbes: 100 })
  expect((await start(['127.0.0.1'], { ports: '1-60' }, daily)).status).toBe(202)
  expect((await start(['127.0.0.1'], { ports: '1-60' }, daily)).json).toMatchObject({ detail: /60 are used/ })
  expect((await start(['127.0.0.1'], { ports: '1-40' }, daily)).status).toBe(202)
})

test('nobody starts by mistake what would take months', async () => {
  const everywhere = await start(['127.0.0.0/8'], { ports: '1-65535' })
  expect(everywhere.json).toMatchObject({
    type: '/problems/too-large',
    detail: /1,099,494,850,560 probes, and a scan may ask for 100,000,000,000/,
    errors: [{ pointer: '#/targets' }],
  })
  expect((await start(['127.0.0.0/8'], { ports: '1-65535', discovery: true })).status).toBe(202)
  const small = await testApi({ databaseUrl: api.databaseUrl, maxProbes: 10 })
  const send = small.as(api.key)
  expect((await start(['127.0.0.1'], { ports: '1-10' }, send)).status).toBe(202)
  for (const path of ['/v1/scans', '/v1/schedules']) {
    const scan = { targets: ['127.0.0.1'], ports: '1-11' }
    const body = path === '/v1/scans' ? scan : { name: 'too much', cron: '@daily', scan }
    expect((await send('POST', path, body)).json).toMatchObject({ type: '/problems/too-large' })
  }
})

test('a key does what its scope allows and nothing above', async () => {
  const keyFor = async (scope: string) => {
    const { json } = await api.send('POST', '/v1/keys', { name: scope, scopes: [scope] })
    return api.as(String(json.token))
  }
  const [read, scan, manage] = [await keyFor('read'), await keyFor('scan'), await keyFor('manage')]
  expect((await read('GET', '/v1/scans')).status).toBe(200)
  expect((await start(['127.0.0.1'], {}, read)).json).toMatchObject({ type: '/problems/forbidden', detail: /"scan"/ })
  expect((await start(['127.0.0.1'], {}, scan)).status).toBe(202)
  for (const send of [read, scan, manage]) {
    expect((await send('POST', '/v1/scopes', { cidr: '10.0.0.0/8', owner: 'x', reason: 'x' })).status).toBe(403)
    expect((await send('GET', '/v1/keys')).status).toBe(403)
  }
})

test('database and queue of the installation are left alone unless an entry names exactly them', async () => {
  const urls = ['postgres://u:p@db.internal/x', 'redis://[2001:db8::5]:6379', 'postgres://127.0.0.1/x']
  const own = await ownAddresses(urls, async (name) => (name === 'db.internal' ? ['10.1.2.3'] : []))
  expect(own).toEqual(['10.1.2.3', '2001:db8::5'])
  await using db = createDb(api.databaseUrl)
  const verdict = async () => {
    const scope = await loadScope(db.pool, DEFAULT_PROJECT, own)
    return checkScope(setOf([spanOfCidr(cidr('10.1.2.0/24'))]), scope, Date.now())
  }
  await api.send('POST', '/v1/scopes', { cidr: '10.1.0.0/16', owner: 'x', reason: 'x' })
  const { allowed, refused } = await verdict()
  expect(sizeOf(allowed)).toBe(255n)
  expect(refused).toMatchObject([{ reason: 'do-not-scan' }])
  await api.send('POST', '/v1/scopes', { cidr: '10.1.2.3', owner: 'x', reason: 'our own database, on purpose' })
  expect((await verdict()).refused).toEqual([])
})

function cidr(text: string) {
  const parsed = parseCidr(text)
  if (!parsed.ok) throw new Error(parsed.flaw.problem)
  return parsed.value
}
