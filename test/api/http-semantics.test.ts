/** What HTTP itself promises, whatever the route: HEAD, tags, caches, headers that stand there twice. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let scan: unknown
beforeAll(async () => {
  api = await openTestApi()
  scan = (await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '1-100' })).json.id
  await api.query(`UPDATE scans SET status = 'running', started_at = now() WHERE id = $1`, [scan])
})
afterAll(() => api.stop())

const head = (path: string, headers: Record<string, string> = {}) => api.send('HEAD', path, undefined, headers)

describe('HEAD', () => {
  test.each([
    ['/v1/scans/{id}/events', 'text/event-stream'],
    ['/v1/scans/{id}/results?format=ndjson', 'application/x-ndjson; charset=utf-8'],
    ['/v1/scans/{id}/results?format=xml', 'application/xml; charset=utf-8'],
  ])('of %s answers at once, with the type and nothing else', async (path, type) => {
    const reply = await head(path.replace('{id}', String(scan)))
    expect([reply.status, reply.headers.get('content-type'), reply.text]).toEqual([200, type, ''])
  })

  test('has the tag of what GET would give, and says when it is known', async () => {
    const { headers } = await api.send('GET', '/v1/scopes')
    const tag = headers.get('etag') ?? 'none'
    expect((await head('/v1/scopes')).headers.get('etag')).toBe(tag)
    expect((await head('/v1/scopes', { 'If-None-Match': tag })).status).toBe(304)
  })
})

test('a tag is known again also when a proxy made it weak, among others, or as a star', async () => {
  const tag = (await api.send('GET', '/v1/scopes')).headers.get('etag') ?? 'none'
  for (const known of [tag, `W/${tag}`, `"other", W/${tag}`, '*']) {
    const reply = await api.send('GET', '/v1/scopes', undefined, { 'If-None-Match': known })
    expect([known, reply.status, reply.text]).toEqual([known, 304, ''])
    expect(reply.headers.get('etag')).toBe(tag)
  }
  expect((await api.send('GET', '/v1/scopes', undefined, { 'If-None-Match': '"other"' })).status).toBe(200)
})

test('what a key may see is kept by no shared cache', async () => {
  const paths = [
    '/v1/scans',
    `/v1/scans/${scan}`,
    `/v1/scans/${scan}/results?format=csv`,
    '/v1/scans?limit=0',
    '/v1/keys',
  ]
  for (const path of paths)
    expect((await api.send('GET', path)).headers.get('cache-control'), path).toBe('private, no-cache')
})

test('a path has one spelling', async () => {
  for (const path of ['/V1/scans', '/v1/Scans', '/v1/%73cans', '//v1/scans'])
    expect((await api.send('GET', path)).json, path).toMatchObject({ type: '/problems/not-found' })
})

describe('on the wire', () => {
  const say = async (text: string): Promise<string> => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1').on('error', () => {})
    let answer = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      answer += chunk
    })
    socket.write(text)
    await once(socket, 'close')
    return answer
  }
  const key = () => `Authorization: Bearer ${api.key}\r\n`

  test.each([
    ['Host', () => `Host: a\r\nHost: b\r\n${key()}`],
    ['Authorization', () => `Host: a\r\n${key()}Authorization: Bearer x\r\n`],
    ['Content-Type', () => `Host: a\r\n${key()}Content-Type: application/json\r\nContent-Type: text/html\r\n`],
  ])('a second %s is refused', async (name, headers) => {
    const answer = await say(`GET /v1/scans HTTP/1.1\r\n${headers()}Connection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json/s)
    expect(answer).toContain(`the header ${name.toLowerCase()} stands there more than once`)
  })

  test('HTTP/1.1 without a Host is refused in words, HTTP/1.0 is served', async () => {
    const answer = await say(`GET /v1/scans HTTP/1.1\r\n${key()}Connection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*the header host is missing/s)
    expect(await say(`GET /v1/scans HTTP/1.0\r\n${key()}\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('an expectation we do not know changes nothing', async () => {
    const answer = await say(`GET /v1/scans HTTP/1.1\r\nHost: a\r\n${key()}Expect: tea\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  })
})

test('moments that no database holds are refused', async () => {
  for (const at of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-01:00', '0001-01-01T00:00:00+00:01', 'x'])
    expect((await api.send('GET', `/v1/endpoints?at=${encodeURIComponent(at)}`)).json, at).toMatchObject({
      type: '/problems/validation',
      errors: [{ pointer: '#/at' }],
    })
  for (const at of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])
    expect((await api.send('GET', `/v1/endpoints?at=${at}`)).status, at).toBe(200)
})
