/** The built dashboard as the API serves it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, type TestApi, testApi } from './test-api.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-dashboard-'))
let api: TestApi
beforeAll(async () => {
  mkdirSync(path.join(folder, 'assets'))
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>Portolan</title>')
  writeFileSync(path.join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  writeFileSync(path.join(folder, 'assets/index-1a2b3c.js'), 'document.title')
  writeFileSync(path.join(folder, '../portolan-secret.txt'), 'secret')
  api = await openTestApi({ dashboard: folder })
})
afterAll(async () => {
  await api.stop()
  rmSync(folder, { recursive: true })
  rmSync(path.join(folder, '../portolan-secret.txt'))
})

const HTML = { Accept: 'text/html,application/xhtml+xml', 'Sec-Fetch-Dest': 'document' }
const get = (at: string, headers: Record<string, string> = HTML) =>
  api.as('')('GET', at, undefined, { Authorization: '', ...headers })

test.each(['/', '/scans', '/hosts/10.0.0.7', '/hosts/db.example.org', '/hosts/2001:db8::1', '/findings?status=open'])(
  'opening %s shows the page',
  async (at) => {
    const { status, headers, text } = await get(at)
    expect([status, text]).toEqual([200, expect.stringContaining('<title>Portolan</title>')])
    expect(headers.get('cache-control')).toBe('no-cache')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toMatch(/unsafe|\*|https?:|blob:/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  },
)

test('whoever takes anything gets the first page too', async () => {
  expect(await get('/', { Accept: '*/*' })).toMatchObject({ status: 200, text: expect.stringContaining('<title>') })
})

test('files whose names hold a hash are kept for a year, the others are asked for again', async () => {
  const script = await get('/assets/index-1a2b3c.js', { Accept: '*/*' })
  expect([script.status, script.text]).toEqual([200, 'document.title'])
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(script.headers.get('content-type')).toContain('text/javascript')
  expect((await get('/favicon.svg')).headers.get('cache-control')).toBe('public, max-age=3600')
})

test.each([
  ['/assets/index-old.js', HTML],
  ['/missing.png', HTML],
  ['/v1/nothing', HTML],
  ['/v1', HTML],
  ['/docs/nothing', HTML],
  ['/scans', { Accept: 'application/json', 'Sec-Fetch-Dest': 'empty' }],
  ['/scans', { Accept: 'text/html', 'Sec-Fetch-Dest': 'empty' }],
  ['/..%2fportolan-secret.txt', HTML],
  ['/assets/..%2f..%2fportolan-secret.txt', HTML],
  ['/.%2e/portolan-secret.txt', HTML],
])('%s %j is no page', async (at, headers) => {
  const { status, json, text } = await get(at, headers)
  expect(text).not.toContain('secret\n')
  expect([400, 403, 404]).toContain(status)
  expect(json.type).toMatch(/^\/problems\/(not-found|bad-request|unauthorized)$/)
})

test('routes of the API are not hidden by it', async () => {
  expect((await get('/healthz')).json).toEqual({ status: 'ok' })
  expect((await get('/docs')).text).toContain('swagger')
  expect((await get('/v1/scans')).status).toBe(401)
  expect((await api.send('POST', '/scans', {}, HTML)).status).toBe(404)
})

test('without a build, whoever opens the page is told how to make it, and finds it without a restart', async () => {
  const empty = mkdtempSync(path.join(tmpdir(), 'portolan-unbuilt-'))
  const bare = await testApi({ dashboard: empty })
  const open = (at: string, headers: Record<string, string> = HTML) => bare.send('GET', at, undefined, headers)
  for (const answer of [await open('/'), await open('/scans'), await open('/', { Accept: '*/*' })]) {
    expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('npm run dashboard')])
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  }
  expect((await open('/scans', { Accept: 'application/json' })).status).toBe(404)
  writeFileSync(path.join(empty, 'index.html'), '<!doctype html><title>Portolan</title>')
  expect((await open('/')).text).toContain('<title>Portolan</title>')
  rmSync(empty, { recursive: true })
})
