/** Tags of addresses and names of hosts: how they come to be, who sees them, and what rules make of them. */
import { makeApiKey } from '@portolan/api/http/api-key.ts'
import { createDb, type Db } from '@portolan/db/client.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pastScan } from '#test/support/past-scan.ts'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let db: Db
beforeAll(async () => {
  api = await openTestApi()
  db = createDb(api.databaseUrl)
  const seen = [7, 8, 9].map((last) => ({ at: `127.0.0.${last}:80`, service: { name: 'http' } }))
  await pastScan(db.pool, { seen })
})
afterAll(async () => {
  await db.close()
  await api.stop()
})

const tag = (name: string, ...targets: string[]) => api.send('PUT', `/v1/tags/${name}`, { targets })
async function left(rule: object): Promise<unknown[]> {
  const document = { rules: [{ id: 'r', effect: 'allow', ...rule }] }
  const { json, text } = await api.send('POST', '/v1/policies/evaluate', { document })
  expect(json.violations, text).toBeDefined()
  return (json.violations as { endpoint: Json }[]).map(({ endpoint }) => endpoint.ip)
}

test('a tag is made, read, replaced by whoever saw it last, and deleted; each is noted', async () => {
  const body = { targets: ['10.1.0.0/16', '192.0.2.1-192.0.2.9'], description: 'outside' }
  const made = await api.send('PUT', '/v1/tags/edge', body)
  expect(made.json).toMatchObject({ name: 'edge', ...body })
  const read = await api.send('GET', '/v1/tags/edge')
  expect(read.json).toEqual(made.json)
  const seen = { 'If-Match': read.headers.get('etag') ?? '' }
  const changed = await api.send('PUT', '/v1/tags/edge', { targets: ['10.2.0.0/16'] }, seen)
  expect(changed.json).toMatchObject({ targets: ['10.2.0.0/16'], description: null, createdAt: made.json.createdAt })
  expect((await api.send('PUT', '/v1/tags/edge', body, seen)).status).toBe(412)
  expect((await api.send('DELETE', '/v1/tags/edge', undefined, seen)).status).toBe(412)
  expect((await api.send('DELETE', '/v1/tags/edge')).status).toBe(204)
  expect((await api.send('GET', '/v1/tags/edge')).status).toBe(404)
  const noted = await api.query(
    "SELECT action, before ->> 'targets' AS before, after ->> 'targets' AS after FROM audit_entries WHERE target_type = 'tag' ORDER BY id",
  )
  const [first, second] = ['["10.1.0.0/16", "192.0.2.1-192.0.2.9"]', '["10.2.0.0/16"]']
  expect(noted).toEqual([
    { action: 'tag.set', before: null, after: first },
    { action: 'tag.set', before: first, after: second },
    { action: 'tag.delete', before: second, after: null },
  ])
})

test('what is no tag or no address is refused with its place', async () => {
  for (const name of ['UPPER', '-x', 'a'.repeat(33), 'two%20words'])
    expect((await tag(name, '10.0.0.1')).status, name).toBe(422)
  const reply = await tag('x', '10.0.0.1', '10.0.0.300', 'www.example.com')
  expect((reply.json.errors as Json[]).map(({ pointer }) => pointer)).toEqual(['#/targets/1', '#/targets/2'])
  expect((await api.send('PUT', '/v1/tags/x', { targets: [] })).status).toBe(422)
})

test('a project has up to a hundred tags, listed page by page', async () => {
  const names = Array.from({ length: 100 }, (_, i) => `t${String(i).padStart(2, '0')}`)
  await api.query(
    `INSERT INTO tags (project_id, name, targets) SELECT p.id, t.name, '{10.0.0.1}' FROM projects p, unnest($1::text[]) t (name)`,
    [names.slice(1)],
  )
  expect((await tag('t00', '10.0.0.1')).status).toBe(200)
  expect((await tag('one-more', '10.0.0.1')).status).toBe(409)
  expect((await tag('t07', '10.0.0.2')).status).toBe(200)
  const listed: unknown[] = []
  for (let next = ''; ; ) {
    const { json } = await api.send('GET', `/v1/tags?limit=40${next && `&cursor=${next}`}`)
    listed.push(...(json.items as Json[]).map(({ name }) => name))
    if (json.next === null) break
    next = String(json.next)
  }
  expect(listed).toEqual(names)
  await api.query('DELETE FROM tags')
})

test('a tag of one project is none of another, and only who manages makes one', async () => {
  await tag('own', '127.0.0.0/8')
  const [id, key, reader] = ['00000000-0000-7000-8000-000000000002', makeApiKey(), makeApiKey()]
  await api.query(`INSERT INTO projects (id, name) VALUES ('${id}', 'other')`)
  for (const [{ publicId, secretHash }, scopes] of [
    [key, '{manage}'],
    [reader, '{read,scan}'],
  ] as const)
    await api.query(
      `INSERT INTO api_keys (project_id, public_id, secret_hash, name, scopes) VALUES ('${id}', $1, $2, 'x', $3)`,
      [publicId, secretHash, scopes],
    )
  const stranger = api.as(key.token)
  expect((await stranger('GET', '/v1/tags/own')).status).toBe(404)
  expect((await stranger('DELETE', '/v1/tags/own')).status).toBe(404)
  expect((await stranger('GET', '/v1/tags')).json.items).toEqual([])
  expect((await stranger('PUT', '/v1/tags/own', { targets: ['10.0.0.1'] })).status).toBe(200)
  const document = { rules: [{ id: 'r', effect: 'allow', tags: ['own'] }] }
  expect((await stranger('POST', '/v1/policies', { name: 'p', document })).status).toBe(201)
  expect((await api.send('GET', '/v1/tags/own')).json.targets).toEqual(['127.0.0.0/8'])
  expect((await api.as(reader.token)('PUT', '/v1/tags/other', { targets: ['10.0.0.1'] })).status).toBe(403)
  expect((await api.send('DELETE', '/v1/tags/own')).status).toBe(204)
})

test('rules select by tag; a tag there is not is refused, and one that a rule needs stays', async () => {
  await tag('dmz', '127.0.0.8/31')
  expect(await left({ tags: ['dmz'] })).toEqual(['127.0.0.7'])
  const document = { rules: [{ id: 'r', effect: 'allow', tags: ['dmz', 'lab'] }] }
  const wrong = await api.send('POST', '/v1/policies', { name: 'tags', document })
  expect(wrong.json.errors).toMatchObject([{ pointer: '#/document/rules/0/tags/1', detail: /there is no tag lab/ }])
  await tag('lab', '10.0.0.1')
  const made = await api.send('POST', '/v1/policies', { name: 'tags', document })
  expect(made.status).toBe(201)
  const refused = await api.send('DELETE', '/v1/tags/lab')
  expect(refused.json).toMatchObject({ status: 409, detail: expect.stringContaining('the policy tags') })
  const fewer = { document: { rules: [{ id: 'r', effect: 'allow', tags: ['dmz'] }] } }
  expect((await api.send('PATCH', `/v1/policies/${made.json.id}`, fewer)).status).toBe(200)
  expect((await api.send('DELETE', '/v1/tags/lab')).status).toBe(204)
})

test('a host is called what scans called it, as long as the name leads to it', async () => {
  const scan = () => api.send('POST', '/v1/scans', { targets: ['www.shop.test', 'api.shop.test'], ports: '80' })
  expect((await scan()).status).toBe(202)
  expect(await left({ names: ['*.shop.test'] })).toEqual(['127.0.0.7'])
  expect(await left({ names: ['api.shop.test'] })).toEqual(['127.0.0.7', '127.0.0.9'])
  const host = (await api.send('GET', '/v1/hosts/127.0.0.8')).json
  expect(host).toMatchObject({ names: ['api.shop.test', 'www.shop.test'], tags: ['dmz'] })
  const { items } = (await api.send('GET', '/v1/hosts')).json
  expect(items).toMatchObject([
    { ip: '127.0.0.7', names: [], tags: [] },
    { ip: '127.0.0.8', names: ['api.shop.test', 'www.shop.test'] },
    { ip: '127.0.0.9', names: ['www.shop.test'] },
  ])
  // As if the name had led elsewhere when it was asked for before.
  await api.query("UPDATE host_names SET addresses = '{127.0.0.7}' WHERE name = 'api.shop.test'")
  expect(await left({ names: ['api.shop.test'] })).toEqual(['127.0.0.8', '127.0.0.9'])
  expect((await scan()).status).toBe(202)
  expect(await left({ names: ['api.shop.test'] })).toEqual(['127.0.0.7', '127.0.0.9'])
})

test('searches select by name and by tag, now and at any moment', async () => {
  const found = async (q: string, more = '') => {
    const { json, text } = await api.send('GET', `/v1/endpoints?q=${encodeURIComponent(q)}${more}`)
    expect(json.items, text).toBeDefined()
    return (json.items as Json[]).map(({ ip }) => String(ip).replace('127.0.0.', '')).join(' ')
  }
  expect(await found('tag:dmz')).toBe('8 9')
  expect(await found('-tag:dmz')).toBe('7')
  expect(await found('name:*.shop.test')).toBe('8 9')
  expect(await found('name:API.shop.test')).toBe('8')
  expect(await found('-name:api.shop.test port:80')).toBe('7 9')
  expect(await found('name:api.shop.test OR 127.0.0.7')).toBe('7 8')
  expect(await found('tag:dmz -name:api*', `&at=${new Date(Date.now() + 60_000).toISOString()}`)).toBe('9')
  expect(await found('tag:dmz', '&at=2020-01-01T00:00:00Z')).toBe('')
  const { json } = await api.send('GET', '/v1/endpoints?q=tag:dmz&facets=true&limit=1')
  expect(json.facets).toMatchObject({ hosts: 2, port: [{ value: '80', count: 2 }] })
  for (const [q, advice] of [
    ['tag:dnz', 'tags are dmz'],
    ['name:10.0.0.*', 'targets'],
    ['nam:www', 'did you mean name:?'],
  ] as const)
    expect((await api.send('GET', `/v1/endpoints?q=${q}`)).json).toMatchObject({
      status: 422,
      detail: expect.stringContaining(advice),
    })
})

test('policies keep names and tags as code, and refuse a pattern that can match nothing', async () => {
  const rules = [{ id: 'web', effect: 'allow', names: ['*.shop.test'], tags: ['dmz'] }]
  const made = await api.send('POST', '/v1/policies', { name: 'named', document: { rules } })
  const yaml = await api.send('GET', `/v1/policies/${made.json.id}?format=yaml`)
  const { json } = await api.send('POST', '/v1/policies/draft', { from: 'yaml', text: yaml.text })
  expect(json.document).toEqual({ otherwise: 'forbid', rules })
  const bad = { rules: [{ id: 'web', effect: 'allow', names: ['www.shop.test', '10.0.0.*'] }] }
  const reply = await api.send('POST', '/v1/policies', { name: 'bad', document: bad })
  expect(reply.json.errors).toMatchObject([{ pointer: '#/document/rules/0/names/1', detail: /targets/ }])
})
