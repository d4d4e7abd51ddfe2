import { readFileSync } from 'node:fs'
import { openApiDocument } from '@portolan/api/docs/document.ts'
import { operations } from '@portolan/api/operations.ts'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.stop())

const open = (path: string, headers = {}) => api.send('GET', path, undefined, { Authorization: '', ...headers })

test('health and readiness need no key and say what is missing', async () => {
  expect((await open('/healthz')).json).toEqual({ status: 'ok' })
  const ready = await open('/readyz')
  expect(ready.status).toBe(200)
  expect(ready.json).toMatchObject({
    status: 'ready',
    database: { ok: true },
    migrations: { ok: true },
    queue: { ok: true },
  })
})

test('metrics count requests by route, not by id', async () => {
  await api.send('GET', '/v1/scans/0198c8f4-7b1e-7c2a-9f60-3a1d5e8b2c47')
  await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'] })
  const { text, headers } = await open('/metrics')
  expect(headers.get('content-type')).toMatch(/^text\/plain/)
  expect(text).toMatch(/portolan_http_request_seconds_count\{method="GET",route="\/v1\/scans\/:id",status="404"\} 1/)
  expect(text).not.toContain('0198c8f4')
  expect(text).toMatch(/portolan_scans\{status="queued"\} 1/)
  expect(text).toMatch(/nodejs_eventloop_lag_seconds/)
})

test('metrics tell how far the work is: shards, probes, loss, queues, workers, the event loop', async () => {
  const { json } = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '1-100' })
  await api.query(`UPDATE scans SET status = 'running' WHERE id = $1`, [json.id])
  await api.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint, state, loss)
     VALUES ($1, 'office', 'tcp', 0, 0, 60, 20, 'claimed', 0.02), ($1, 'office', 'tcp', 1, 60, 100, 60, 'pending', NULL)`,
    [json.id],
  )
  const fresh = await openTestApi({ databaseUrl: api.databaseUrl })
  const { text } = await fresh.send('GET', '/metrics')
  await fresh.stop()
  const value = (series: string) => Number(new RegExp(`^${RegExp.escape(series)} (.*)$`, 'm').exec(text)?.[1])
  expect(value('portolan_scans{status="running"}')).toBe(1)
  expect(value('portolan_shards{state="claimed"}')).toBe(1)
  expect(value('portolan_shards{state="pending"}')).toBe(1)
  expect(value('portolan_probes_left{vantage="office"}')).toBe(80)
  expect(value('portolan_probe_loss{vantage="office"}')).toBeCloseTo(0.02)
  expect(value('portolan_oldest_waiting_seconds')).toBeGreaterThan(0)
  expect(value('portolan_queue_jobs{queue="portolan-plan"}')).toBeGreaterThan(0)
  expect(value('portolan_queue_age_seconds{queue="portolan-plan"}')).toBeGreaterThan(0)
  expect(value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0)
})

describe('the contract', () => {
  test('services/api/openapi.json is what the API implements (npm run openapi -w services/api)', () => {
    const file = readFileSync(new URL('../../services/api/openapi.json', import.meta.url), 'utf8')
    expect(JSON.parse(file)).toEqual(openApiDocument())
  })

  test('it is served, and every operation in it is told apart, described and secured', async () => {
    const { json } = await open('/openapi.json')
    expect(json).toEqual(openApiDocument())
    const ids = operations.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, summary, description, access, path } of operations) {
      expect(summary.length, id).toBeGreaterThan(5)
      expect(description.length, id).toBeGreaterThan(5)
      // Whoever signs in or out has no key to show.
      if (path.startsWith('/v1/') && path !== '/v1/session') expect(access, id).not.toBe('public')
    }
  })

  test('every reference in it leads somewhere', () => {
    const document = openApiDocument()
    const { schemas } = document.components as { schemas: Json }
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)]
    expect(references.length).toBeGreaterThan(20)
    for (const [, name] of references) expect(schemas).toHaveProperty(name ?? '')
  })
})

test('the reference page loads nothing from elsewhere', async () => {
  const page = await open('/docs')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(page.text).not.toMatch(/https?:\/\//)
  for (const [, path] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const asset = await open(path ?? '')
    expect(asset.status, path).toBe(200)
    expect(asset.text.length).toBeGreaterThan(10)
  }
})

test('answers cannot be framed, sniffed or run', async () => {
  const { headers } = await api.send('GET', '/v1/scans')
  expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-powered-by')).toBeNull()
})

test('a request id of the caller is kept when it is harmless', async () => {
  const given = await open('/healthz', { 'X-Request-Id': 'trace-7' })
  expect(given.headers.get('x-request-id')).toBe('trace-7')
  const odd = await open('/healthz', { 'X-Request-Id': 'a'.repeat(200) })
  expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
})

test('the log has one line a request, with its id and without anything secret', async () => {
  const lines: string[] = []
  const logged = await openTestApi({ log: pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }) })
  await logged.send('GET', '/v1/scans?label=hidden', undefined, { 'X-Request-Id': 'find-me' })
  await logged.send('POST', '/v1/keys', { name: 'k', scopes: ['read'] })
  const body = { targets: ['127.0.0.1'], ports: '22', label: 'hidden' }
  const scan = await logged.send('POST', '/v1/scans', body, { 'X-Request-Id': 'find-scan' })
  await logged.stop()
  const logs = lines.map((line): Json => JSON.parse(line))
  const found = logs.filter(({ requestId }) => requestId === 'find-me')
  expect(logs).toContainEqual(
    expect.objectContaining({ requestId: 'find-scan', scanId: scan.json.id, msg: 'scan queued' }),
  )
  expect(found).toMatchObject([{ method: 'GET', path: '/v1/scans', status: 200, msg: 'request' }])
  expect(lines.join('')).not.toMatch(/ptl_|hidden/)
})

test('a port number is explained per transport', async () => {
  const { json } = await api.send('GET', '/v1/ports/22')
  expect(json).toMatchObject({ port: 22, class: 'system', tcp: { registered: { name: 'ssh' } } })
  expect((await api.send('GET', '/v1/ports/50000')).json).toMatchObject({ class: 'dynamic' })
  expect((await api.send('GET', '/v1/ports/65536')).json).toMatchObject({ type: '/problems/validation' })
})

test('workers are listed with their last sign of life', async () => {
  await api.query(
    `INSERT INTO workers (name, vantage, version, job_version, capabilities, addresses, heartbeat_at)
     VALUES ('a', 'office', '1', 1, '{"slots": 2}', '{10.0.0.1}', now()), ('b', 'default', '1', 1, '{}', '{}', now() - interval '1 h')`,
  )
  const { json } = await api.send('GET', '/v1/workers')
  expect(json.items).toMatchObject([
    { name: 'a', vantage: 'office', addresses: ['10.0.0.1'], capabilities: { slots: 2 }, alive: true },
    { name: 'b', alive: false },
  ])
})
