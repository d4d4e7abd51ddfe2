import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi({ trustProxy: 1 })
})
afterAll(() => api.stop())

const list = async (query = '') => (await api.send('GET', `/v1/audit${query}`)).json as { items: Json[]; next: unknown }

test('every write is on record, newest first: who, what, from where, what it was and became', async () => {
  const scope = { cidr: '192.0.2.0/24', owner: 'x', reason: 'y' }
  const from = { 'X-Forwarded-For': '10.9.9.9, 198.51.100.7', 'X-Request-Id': 'req-1' }
  const { json } = await api.send('POST', '/v1/scopes', scope, from)
  await api.send('PATCH', `/v1/scopes/${json.id}`, { owner: 'z' })
  const { items } = await list(`?targetId=${json.id}`)
  expect(items.map(({ action }) => action)).toEqual(['scope.update', 'scope.create'])
  // One proxy is trusted: what the client claims beyond it counts for nothing.
  const by = { actor: 'first key', address: '198.51.100.7', requestId: 'req-1' }
  expect(items[1]).toMatchObject({ ...by, targetType: 'scope', before: null, after: json })
  expect(items[0]).toMatchObject({ before: json, after: { ...json, owner: 'z' } })
})

test('entries can be narrowed and paged', async () => {
  for (let i = 0; i < 3; i++) await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '22' })
  const all = await list('?action=scan.start')
  expect(all.items).toHaveLength(3)
  const first = await list('?action=scan.start&limit=2')
  const rest = await list(`?action=scan.start&limit=2&cursor=${first.next}`)
  expect([...first.items, ...rest.items]).toEqual(all.items)
  const [newest] = all.items
  expect((await list(`?since=${newest?.at}`)).items).toEqual([newest])
  expect((await list(`?until=${newest?.at}&action=scan.start`)).items).toEqual(all.items.slice(1))
  expect((await list(`?keyId=${newest?.keyId}`)).items.length).toBeGreaterThan(3)
})

test('a refused write leaves no entry', async () => {
  const before = await list()
  await api.send('POST', '/v1/scopes', { cidr: 'nonsense', owner: 'x', reason: 'y' })
  await api.send('POST', '/v1/scans', { targets: ['8.8.8.8'] })
  await api.send('POST', '/v1/do-not-scan', { cidr: '8.8.8.8', reason: 'x' }, { 'Idempotency-Key': 'a b' })
  expect(await list()).toEqual(before)
})
