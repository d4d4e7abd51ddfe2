/** Signing in to the dashboard, seen from a browser: cookies, and pages of other sites. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, type Reply, type TestApi } from './test-api.ts'

let api: TestApi
let now = Date.now()
beforeAll(async () => {
  api = await openTestApi({ now: () => new Date(now), trustProxy: 1 })
})
afterAll(() => api.stop())

const PAGE = { 'Sec-Fetch-Site': 'same-origin' }
const signIn = (key = api.key, headers: Record<string, string> = PAGE) =>
  api.as('')('POST', '/v1/session', { key }, { Authorization: '', ...headers })

const cookieOf = (reply: Reply) => reply.headers.get('set-cookie')?.split(';')[0] ?? ''
/** As the browser that holds the cookie. */
const browser =
  (cookie: string, page: Record<string, string> = PAGE) =>
  (method: string, path: string, body?: unknown) =>
    api.send(method, path, body, { Authorization: '', Cookie: `theme=dark; ${cookie}`, ...page })

const newKey = async (fields = {}) =>
  (await api.send('POST', '/v1/keys', { name: 'dashboard', scopes: ['manage'], ...fields })).json

test('a key is exchanged for a cookie that scripts and other sites cannot use', async () => {
  const reply = await signIn()
  expect([reply.status, reply.headers.get('cache-control')]).toEqual([200, 'no-store'])
  expect(reply.json).toMatchObject({ keyName: 'first key', project: { name: 'default' }, scopes: ['admin'] })
  expect(Date.parse(String(reply.json.expiresAt)) - now).toBe(12 * 3_600_000)
  expect(reply.headers.get('set-cookie')).toMatch(
    /^portolan_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Expires=.+ GMT$/,
  )
  expect((await browser(cookieOf(reply))('GET', '/v1/session')).json).toEqual(reply.json)
  const [audited] = await api.query(`SELECT actor, after FROM audit_entries WHERE action = 'session.create'`)
  expect(audited).toMatchObject({ actor: 'first key' })
})

test('behind TLS the cookie is secure, and bound to this host', async () => {
  const secure = { ...PAGE, 'X-Forwarded-Proto': 'https' }
  const reply = await signIn(api.key, secure)
  expect(reply.headers.get('set-cookie')).toMatch(/^__Host-portolan_session=.+; Secure$/)
  expect((await browser(cookieOf(reply), secure)('GET', '/v1/session')).status).toBe(200)
  const planted = cookieOf(reply).replace('__Host-', '')
  expect((await browser(planted, secure)('GET', '/v1/session')).status).toBe(401)
})

test('only a hash of it is stored', async () => {
  const token = cookieOf(await signIn()).split('=')[1] ?? ''
  const rows = await api.query('SELECT token_hash FROM sessions')
  expect(JSON.stringify(rows)).not.toContain(token)
  expect(Buffer.from(String(rows[0]?.token_hash)).includes(token)).toBe(false)
})

const scope = { cidr: '192.0.2.0/24', owner: 'me', reason: 'test' }
test.each([
  ['a page of another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
  ['a page on another port of this host', { 'Sec-Fetch-Site': 'same-site' }, 403],
  ['an old browser on a page of another site', { Origin: 'https://evil.example' }, 403],
  ['a page without an origin', { Origin: 'null' }, 403],
  ['an address typed by hand', { 'Sec-Fetch-Site': 'none' }, 403],
  ['no page at all', {}, 403],
  ['a page of the service', PAGE, 201],
  ['an old browser on a page of the service', { Origin: 'OWN' }, 409],
])('%s may change things with the cookie: %j -> %i', async (_, page, expected) => {
  const headers = Object.fromEntries(Object.entries(page).map(([k, v]) => [k, v.replace('OWN', api.url)]))
  const cookie = cookieOf(await signIn())
  const reply = await browser(cookie, headers)('POST', '/v1/scopes', scope)
  expect([reply.status, reply.json.type ?? null]).toEqual([
    expected,
    expected === 201 ? null : expected === 409 ? '/problems/conflict' : '/problems/cross-site',
  ])
  if (expected === 403) {
    expect((await signIn(api.key, headers)).status).toBe(403)
    expect((await browser(cookie, headers)('DELETE', '/v1/session')).status).toBe(403)
    expect((await browser(cookie)('GET', '/v1/session')).status).toBe(200)
  }
})

test('signing out ends the session, and only this one', async () => {
  const [here, there] = [cookieOf(await signIn()), cookieOf(await signIn())]
  const reply = await browser(here)('DELETE', '/v1/session')
  expect([reply.status, reply.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('01 Jan 1970')])
  expect((await browser(here)('GET', '/v1/session')).status).toBe(401)
  expect((await browser(there)('GET', '/v1/session')).status).toBe(200)
  expect((await api.as('')('DELETE', '/v1/session', undefined, { Authorization: '' })).status).toBe(204)
})

test('a session may what its key may', async () => {
  const { token } = await newKey({ scopes: ['read'] })
  const reader = browser(cookieOf(await signIn(String(token))))
  expect((await reader('GET', '/v1/scans')).status).toBe(200)
  expect((await reader('POST', '/v1/scans', { targets: ['127.0.0.1'] })).json.type).toBe('/problems/forbidden')
})

test.each(['revoke', 'rotate'])('%s ends the sessions of a key', async (verb) => {
  const { token, id } = await newKey()
  const holder = browser(cookieOf(await signIn(String(token))))
  expect((await holder('GET', '/v1/session')).status).toBe(200)
  await api.send('POST', `/v1/keys/${id}/${verb}`)
  expect((await holder('GET', '/v1/session')).status).toBe(401)
})

test('it ends by itself, and with its key', async () => {
  const { token } = await newKey({ expiresAt: new Date(now + 3_600_000).toISOString() })
  const [short, long] = [cookieOf(await signIn(String(token))), cookieOf(await signIn())]
  now += 2 * 3_600_000
  expect((await browser(short)('GET', '/v1/session')).status).toBe(401)
  expect((await browser(long)('GET', '/v1/session')).status).toBe(200)
  now += 11 * 3_600_000
  expect((await browser(long)('GET', '/v1/session')).status).toBe(401)
  await signIn()
  expect(await api.query(`SELECT 1 FROM sessions WHERE expires_at < $1`, [new Date(now)])).toEqual([])
})

test.each(['', 'ptl_x', `ptl_${'0'.repeat(16)}_${'a'.repeat(43)}`])('%j is no key to sign in with', async (key) => {
  expect([401, 422]).toContain((await signIn(key)).status)
})

test('a key in the header counts before the cookie, and asks for no page', async () => {
  const { token } = await newKey({ scopes: ['read'] })
  const cookie = cookieOf(await signIn(String(token)))
  const reply = await api.send('POST', '/v1/scopes', { ...scope, cidr: '198.51.100.0/24' }, { Cookie: cookie })
  expect(reply.status).toBe(201)
})
