/** What an attacker tries: injection through every string, polluted prototypes, requests hidden in requests. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { openApiDocument } from '@portolan/api/docs/document.ts'
import { secretMatches } from '@portolan/api/http/api-key.ts'
import { operations } from '@portolan/api/operations.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { oneOfEverything } from './one-of-everything.ts'
import { fitting, type Schema } from './schema-arbitrary.ts'
import { openTestApi, type TestApi } from './test-api.ts'

const document = openApiDocument()
const { schemas } = document.components as { schemas: Record<string, Schema> }
let api: TestApi
let things: ReadonlyMap<string, string>
beforeAll(async () => {
  api = await openTestApi()
  things = await oneOfEverything(api)
})
afterAll(() => api.stop())

const EVIL = [
  `'; DROP TABLE scans; --`,
  `" OR 1=1 --`,
  `\${7*7}{{7*7}}<%= 7*7 %>`,
  `<script>alert(1)</script>`,
  `$(touch /tmp/portolan-owned)\`id\``,
  `../../../../etc/passwd`,
  `%00%0d%0aSet-Cookie:%20x=1`,
  `x\r\nSet-Cookie: x=1`,
  `\u0000\u001b[2J`,
  `=cmd|'/c calc'!A0`,
  `{"$ne": null}`,
  `\ud800`,
]

/** Every string of a body replaced, one at a time. */
function* poisoned(value: unknown, evil: string): Generator<unknown> {
  if (typeof value === 'string') yield evil
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value))
    for (const bad of poisoned(inner, evil))
      yield Array.isArray(value) ? value.map((one, i) => (String(i) === name ? bad : one)) : { ...value, [name]: bad }
}

const tables = () => api.query(`SELECT count(*)::int AS n FROM information_schema.tables WHERE table_schema = 'public'`)

/** Only for steering: the events of a scan that goes on never end. */
const walked = operations.filter(({ id }) => id !== 'followScan')

test.each(walked)('nothing gets through the strings of $id', async ({ path, method, body, query, id }) => {
  const before = await tables()
  const own = path.replaceAll(/\{(\w+)\}/g, (_, name) =>
    name === 'port' ? '22' : (things.get(path.split('/')[2] ?? '') ?? 'x'),
  )
  const [good] = body ? fc.sample(fitting(schemaOf(path, method), schemas), { numRuns: 1, seed: 3 }) : []
  const names = query && 'shape' in query ? Object.keys(query.shape as object) : []
  for (const evil of EVIL) {
    const urls = [
      ...(path.includes('{') ? [path.replaceAll(/\{\w+\}/g, encodeURIComponent(evil.toWellFormed()))] : []),
      ...names.map((name) => `${own}?${name}=${encodeURIComponent(evil.toWellFormed())}`),
    ]
    const bodies = [...poisoned(good, evil)].slice(0, 8)
    const sent = [
      ...urls.map((url) => api.send(method.toUpperCase(), url, method === 'get' ? undefined : good)),
      ...bodies.map((one) => api.send(method.toUpperCase(), own, one)),
    ]
    for (const reply of await Promise.all(sent)) {
      expect(reply.status, `${id} ${evil}: ${reply.text.slice(0, 300)}`).toBeLessThan(500)
      expect(reply.headers.get('set-cookie') ?? '').not.toContain('x=1')
      expect(reply.headers.get('content-type') ?? '', id).not.toContain('html')
      expect(reply.text).not.toContain('49{')
    }
  }
  expect(await tables()).toEqual(before)
})

function schemaOf(path: string, method: string): Schema {
  const paths = document.paths as Record<
    string,
    Record<string, { requestBody: { content: Record<string, { schema: Schema }> } }>
  >
  return paths[path]?.[method]?.requestBody.content['application/json']?.schema ?? {}
}

test('no prototype is polluted, however deep it is tried', async () => {
  const polluting = [
    '{"__proto__":{"admin":true},"targets":["127.0.0.1"]}',
    '{"constructor":{"prototype":{"admin":true}},"targets":["127.0.0.1"]}',
    '{"name":"x","document":{"rules":[{"__proto__":{"admin":true}}]}}',
    '{"name":"x","scopes":["read"],"__proto__":{"scopes":["admin"]}}',
  ]
  for (const { path, method, body } of operations)
    if (body)
      for (const text of polluting) {
        const url = path.replaceAll(/\{\w+\}/g, () => things.get(path.split('/')[2] ?? '') ?? 'x')
        expect((await api.send(method.toUpperCase(), url, text)).status).toBeLessThan(500)
      }
  for (const query of ['__proto__[admin]=1', 'constructor[prototype][admin]=1', 'limit[__proto__]=1'])
    expect((await api.send('GET', `/v1/scans?${query}`)).status).toBe(422)
  expect(Object.hasOwn(Object.prototype, 'admin') || 'admin' in {}).toBe(false)
})

test('what a server said is data in every format', async () => {
  const banner = `=HYPERLINK("http://evil")\u0007]]><script>&"'`
  await api.query(
    `INSERT INTO observations (scan_id, vantage, ip, transport, port, state, reason, seen_at, detection, method, service, product, version, info)
     VALUES ($1, 'default', '127.0.0.1', 'tcp', 80, 'open', 'syn-ack', now(), 'identified', 'probed', 'http', $2, $2, $2)`,
    [things.get('scans'), banner],
  )
  const read = async (format: string) =>
    (await api.send('GET', `/v1/scans/${things.get('scans')}/results?port=80&format=${format}`)).text
  expect(await read('csv')).not.toMatch(/(^|,|\n)"?=/)
  expect(await read('xml')).not.toMatch(/<script>|\u0007|]]>/)
  expect((await read('gnmap')).split('\n').filter((line) => line.includes('80/open'))).toHaveLength(1)
  expect(JSON.parse(await read('ndjson'))).toMatchObject({ service: { product: banner } })
})

const AUTH = () => `Host: x\r\nAuthorization: Bearer ${api.key}\r\n`
test.each([
  [
    'length and chunks at once',
    'POST /v1/scans HTTP/1.1',
    'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
    '0\r\n\r\n',
  ],
  ['two lengths', 'POST /v1/scans HTTP/1.1', 'Content-Length: 4\r\nContent-Length: 5\r\n', 'abcd'],
  ['a negative length', 'POST /v1/scans HTTP/1.1', 'Content-Length: -1\r\n', ''],
  ['a length with a sign', 'POST /v1/scans HTTP/1.1', 'Content-Length: +4\r\n', 'abcd'],
  ['chunks not last', 'POST /v1/scans HTTP/1.1', 'Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'],
  ['chunks misspelled', 'POST /v1/scans HTTP/1.1', 'Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'],
  [
    'a chunk size of no number',
    'POST /v1/scans HTTP/1.1',
    'Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n',
    'zz\r\n',
  ],
  ['a folded header', 'GET /v1/scans HTTP/1.1', 'X-A: b\r\n c\r\n', ''],
  ['a space before the colon', 'GET /v1/scans HTTP/1.1', 'Content-Length : 4\r\n', ''],
  ['a NUL in a header', 'GET /v1/scans HTTP/1.1', 'X-A: a\u0000b\r\n', ''],
  ['a bare line feed', 'GET /v1/scans HTTP/1.1', 'X-A: a\nX-B: b\r\n', ''],
  ['a header without end', 'GET /v1/scans HTTP/1.1', `X-A: ${'a'.repeat(20_000)}\r\n`, ''],
  ['thousands of headers', 'GET /v1/scans HTTP/1.1', 'X: y\r\n'.repeat(5_000), ''],
])('%s is refused, and no second request is seen in it', async (_, line, headers, body) => {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
  const smuggled = `GET /v1/smuggled HTTP/1.1\r\n${AUTH()}\r\n`
  socket.on('error', () => {})
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write(`${line}\r\n${AUTH()}${headers}\r\n${body}${smuggled}`)
  await once(socket, 'close')
  expect(text).toMatch(/^HTTP\/1\.1 4\d\d /)
  expect(text).not.toContain('/v1/smuggled')
  expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
})

test('the headers that protect browsers come with every kind of answer', async () => {
  const answers = [
    await api.send('GET', '/v1/scans'),
    await api.send('GET', '/v1/nothing'),
    await api.send('POST', '/v1/scans', '{'),
    await api.send('GET', '/v1/scans', undefined, { Authorization: '' }),
    await api.send('GET', `/v1/scans/${things.get('scans')}/events`),
    await api.send('GET', `/v1/scans/${things.get('scans')}/results?format=csv`),
    await api.send('GET', '/docs'),
    await api.send('GET', '/metrics'),
    await api.send('GET', '/openapi.json'),
  ]
  for (const { headers, status } of answers) {
    expect(headers.get('content-security-policy'), String(status)).toMatch(
      /^default-src 'none';.*frame-ancestors 'none'/,
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
  }
})

test('a secret is compared whole, whatever its length', () => {
  const hash = new Uint8Array(32)
  for (const secret of ['', 'x', 'x'.repeat(10_000)]) expect(secretMatches(secret, hash)).toBe(false)
  expect(secretMatches('x', new Uint8Array(0))).toBe(false)
})
