/** What a request can have wrong: a stable type, the field, what to do, and nothing written. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi({ bodyBytes: 20_000 })
})
afterAll(() => api.stop())

const WRITTEN = `SELECT (SELECT count(*) FROM scans) AS scans, (SELECT count(*) FROM scan_targets) AS targets,
  (SELECT count(*) FROM audit_entries) AS audit, (SELECT count(*) FROM idempotency_keys) AS keys,
  (SELECT count(*) FROM scopes) AS scopes, (SELECT count(*) FROM api_keys) AS api_keys`

interface Wrong {
  readonly name: string
  readonly body: unknown
  readonly headers?: Record<string, string>
  readonly status: number
  readonly type: string
  readonly pointer?: string
  /** What the detail of the field, or of the problem, must tell. */
  readonly tells?: RegExp
}

const here = (more: Json): Json => ({ targets: ['127.0.0.1'], ...more })
const field = (name: string, body: unknown, pointer: string, tells: RegExp): Wrong => ({
  name,
  body,
  status: 422,
  type: 'validation',
  pointer,
  tells,
})

const CASES: readonly Wrong[] = [
  { name: 'malformed JSON', body: '{"targets": [', status: 400, type: 'malformed-json', tells: /JSON/ },
  { name: 'no body', body: undefined, status: 422, type: 'validation', pointer: '#' },
  field('a list instead of an object', [], '#', /must be an object, not a list/),
  field('an unknown field', here({ port: '22' }), '#/port', /unknown field/),
  field('two unknown fields', here({ a: 1, b: 2 }), '#/b', /unknown field/),
  field('a polluting field', '{"targets":["127.0.0.1"],"__proto__":{"admin":true}}', '#/__proto__', /unknown field/),
  field('no targets', {}, '#/targets', /required/),
  field('empty targets', { targets: [] }, '#/targets', /at least one item/),
  field('an empty target', { targets: ['127.0.0.1', ''] }, '#/targets/1', /must not be empty/),
  field('a blank target', { targets: [' '] }, '#/targets/0', /empty/),
  field('a target that is no text', { targets: [3] }, '#/targets/0', /must be text, not a number/),
  field('a NUL in a target', { targets: ['127.0.0.1\u0000'] }, '#/targets/0', /control/),
  field('half a surrogate pair', '{"targets":["127.0.0.1"],"label":"\\ud800"}', '#/label', /line/),
  field('an octal address', { targets: ['0177.0.0.1'] }, '#/targets/0', /leading zeros|remove/),
  field('a hex address', { targets: ['0x7f.0.0.1'] }, '#/targets/0', /hexadecimal/),
  field('a short address', { targets: ['127.1'] }, '#/targets/0', /four decimal/),
  field('a mapped address', { targets: ['::ffff:127.0.0.1'] }, '#/targets/0', /write 127\.0\.0\.1/),
  field('a zone id', { targets: ['fe80::1%eth0'] }, '#/targets/0', /zone/),
  field('two targets in one', { targets: ['127.0.0.1,127.0.0.2'] }, '#/targets/0', /give each target apart/),
  field('a URL', { targets: ['https://two.test/'] }, '#/targets/0', /URL/),
  field('port 0', here({ ports: '0' }), '#/ports', /port 0/),
  field('port 65536', here({ ports: '80,65536' }), '#/ports', /over 65535/),
  field('an open range', here({ ports: '22-' }), '#/ports', /write 22-65535/),
  field('a backward range', here({ ports: '90-80' }), '#/ports', /write 80-90/),
  field('no port', here({ ports: '22,,80' }), '#/ports', /missing/),
  field('an unknown service', here({ ports: 'gopherd9' }), '#/ports', /called/),
  field('an unknown engine', here({ engine: 'nmap' }), '#/engine', /one of auto, syn, connect/),
  field('an unknown service level', here({ services: 'some' }), '#/services', /true or false.*light, all/),
  field('a rate of zero', here({ rate: 0 }), '#/rate', /must be 1 or more/),
  field('a rate in words', here({ rate: 'max' }), '#/rate', /must be a number, not text/),
  field('a rate beyond all numbers', '{"targets":["127.0.0.1"],"rate":1e400}', '#/rate', /not one too large/),
  field('half a probe a second', here({ rate: 0.5 }), '#/rate', /whole number/),
  field('an odd vantage', here({ vantages: ['Büro'] }), '#/vantages/0', /lower-case/),
  field('no vantage', here({ vantages: [] }), '#/vantages', /at least one item/),
  field('a label of two lines', here({ label: 'a\nb' }), '#/label', /one line/),
  {
    name: 'an IPv6 /64 without discovery',
    body: { targets: ['2001:db8::/64'], dryRun: false },
    status: 403,
    type: 'out-of-scope',
    pointer: '#/targets/0',
  },
  {
    name: 'an unresolvable name',
    body: { targets: ['127.0.0.1', 'nowhere.test'] },
    status: 422,
    type: 'unresolvable-name',
    pointer: '#/targets/1',
    tells: /nowhere\.test/,
  },
  {
    name: 'an unresolvable exclusion',
    body: here({ exclude: ['nowhere.test'] }),
    status: 422,
    type: 'unresolvable-name',
    pointer: '#/exclude/0',
  },
  { name: 'nothing left', body: here({ exclude: ['127.0.0.0/8'] }), status: 422, type: 'nothing-to-scan' },
  {
    name: 'a target outside',
    body: { targets: ['127.0.0.1', '198.51.101.9'] },
    status: 403,
    type: 'out-of-scope',
    pointer: '#/targets/1',
    tells: /198\.51\.101\.9: no scope entry contains it/,
  },
  {
    name: 'a block reaching outside',
    body: { targets: ['126.255.255.255-127.0.0.1'] },
    status: 403,
    type: 'out-of-scope',
    pointer: '#/targets/0',
  },
  {
    name: 'the metadata service',
    body: { targets: ['169.254.169.254'] },
    status: 403,
    type: 'out-of-scope',
    tells: /special purpose/,
  },
  {
    name: 'a name that leads outside',
    body: { targets: ['outside.test'] },
    status: 403,
    type: 'out-of-scope',
    pointer: '#/targets/0',
    tells: /192\.0\.2\.7/,
  },
  {
    name: 'an outside address in 6to4 clothes',
    body: { targets: ['2002:c000:0207::1'] },
    status: 403,
    type: 'out-of-scope',
    tells: /carries an IPv4 address/,
  },
  {
    name: 'a body over the limit',
    body: here({ label: 'x'.repeat(30_000) }),
    status: 413,
    type: 'body-too-large',
    tells: /20000/,
  },
  {
    name: 'a form',
    body: 'targets=127.0.0.1',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    status: 415,
    type: 'unsupported-media-type',
    tells: /application\/json/,
  },
  {
    name: 'another charset',
    body: '{}',
    headers: { 'Content-Type': 'application/json; charset=utf-16' },
    status: 415,
    type: 'unsupported-media-type',
  },
  {
    name: 'a compressed body',
    body: '{}',
    headers: { 'Content-Encoding': 'gzip' },
    status: 415,
    type: 'unsupported-media-type',
  },
  {
    name: 'no key',
    body: here({}),
    headers: { Authorization: '' },
    status: 401,
    type: 'unauthorized',
    tells: /missing/,
  },
  {
    name: 'another scheme',
    body: here({}),
    headers: { Authorization: 'Basic dTpw' },
    status: 401,
    type: 'unauthorized',
  },
  {
    name: 'a malformed key',
    body: here({}),
    headers: { Authorization: 'Bearer ptl_x_y' },
    status: 401,
    type: 'unauthorized',
  },
  {
    name: 'an unknown key',
    body: here({}),
    headers: { Authorization: `Bearer ptl_${'0'.repeat(16)}_${'A'.repeat(43)}` },
    status: 401,
    type: 'unauthorized',
  },
  {
    name: 'a bad Idempotency-Key',
    body: here({}),
    headers: { 'Idempotency-Key': 'two words' },
    status: 422,
    type: 'validation',
    pointer: '#/Idempotency-Key',
  },
]

test.each(CASES)('$name', async ({ body, headers, status, type, pointer, tells }) => {
  const before = await api.query(WRITTEN)
  const reply = await api.send('POST', '/v1/scans', body, headers)
  expect(reply.json).toMatchObject({ type: `/problems/${type}`, status })
  expect(reply.status).toBe(status)
  expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  expect(reply.json.advice).toBeTruthy()
  expect(reply.json.requestId).toBe(reply.headers.get('x-request-id'))
  const errors = (reply.json.errors ?? []) as { pointer: string; detail: string }[]
  if (pointer !== undefined) expect(errors.map((error) => error.pointer)).toContain(pointer)
  const told = pointer === undefined ? String(reply.json.detail) : errors.find((e) => e.pointer === pointer)?.detail
  if (tells) expect(told).toMatch(tells)
  if (status === 401) expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/)
  // A refused request leaves no trace: no scan, no targets, no audit entry, no claimed Idempotency-Key.
  expect(await api.query(WRITTEN)).toEqual(before)
})

test('a body is judged by all of it, however it arrives', async () => {
  const before = await api.query(WRITTEN)
  const { port } = new URL(api.url)
  const talk = async (pieces: readonly string[]) => {
    const socket = connect(Number(port), '127.0.0.1')
    const closed = once(socket, 'close')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.write(
      `POST /v1/scans HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
    for (const piece of pieces) {
      socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`)
      await sleep(50)
    }
    socket.write('0\r\n\r\n')
    await closed
    return text
  }
  const whole = JSON.stringify(here({ ports: '22' }))
  // A good request by itself, and then more than a body may have, or deeper than it may go.
  expect(await talk([whole, ' '.repeat(30_000)])).toMatch(/^HTTP\/1\.1 413 .*"type":"\/problems\/body-too-large"/s)
  expect(await talk([whole, `${'['.repeat(40)}${']'.repeat(40)}`])).toMatch(/^HTTP\/1\.1 422 .*"pointer":"#"/s)
  expect(await api.query(WRITTEN)).toEqual(before)
})

test('brackets in text are no depth', async () => {
  const label = `${'['.repeat(50)}\\"${'{'.repeat(50)}`
  expect((await api.send('POST', '/v1/scans', here({ label }))).json).toMatchObject({ label })
})

test('every flaw is told at once', async () => {
  const reply = await api.send('POST', '/v1/scans', { targets: ['10.0.0.300', 'ok.test', '1.2.3'], ports: '0,99999' })
  const errors = reply.json.errors as { pointer: string }[]
  expect(errors.map((error) => error.pointer)).toEqual(['#/targets/0', '#/targets/2', '#/ports', '#/ports'])
})

test('a /64 within the scope still needs discovery, and a key in the URL is no key', async () => {
  await api.send('POST', '/v1/scopes', { cidr: '2001:db8::/48', owner: 'test', reason: 'test' })
  const wide = await api.send('POST', '/v1/scans', { targets: ['2001:db8::/64'] })
  expect(wide.json).toMatchObject({ type: '/problems/discovery-required', status: 422 })
  expect(wide.json.errors).toMatchObject([{ pointer: '#/discovery' }])
  const url = await api.send('GET', `/v1/scans?access_token=${api.key}`, undefined, { Authorization: '' })
  expect(url.status).toBe(401)
})

test('what does not exist is told apart from what is not allowed', async () => {
  const unknown = await api.send('GET', '/v1/nothing')
  expect(unknown.json).toMatchObject({ type: '/problems/not-found', status: 404 })
  const method = await api.send('DELETE', '/v1/scans')
  expect(method.json).toMatchObject({ type: '/problems/method-not-allowed', status: 405 })
  expect(method.headers.get('allow')).toBe('POST, GET, HEAD, OPTIONS')
  const path = await api.send('GET', '/v1/scans/%E0%A4%A')
  expect(path.json).toMatchObject({ type: '/problems/bad-request', status: 400 })
  const missing = await api.send('GET', '/v1/scans/0198c8f4-7b1e-7c2a-9f60-3a1d5e8b2c47')
  expect(missing.json).toMatchObject({ type: '/problems/not-found', status: 404 })
})

test('where the type of a problem leads, it is explained', async () => {
  const { json } = await api.send('POST', '/v1/scans', { targets: [] })
  const reply = await api.send('GET', String(json.type), undefined, { Authorization: '' })
  expect(reply.json).toMatchObject({ type: '/problems/validation', status: 422, advice: json.advice })
})
