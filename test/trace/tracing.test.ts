/** A scan as a collector of OpenTelemetry traces sees it: one trace, from the request to the shard. */
import { createServer, type Server } from 'node:http'
import { requestPlace } from '@portolan/trace/tracing.ts'
import { startWorker } from '@portolan/worker/start-worker.ts'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi } from '#test/api/test-api.ts'

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
}

const spans: Span[] = []
let collector: Server
let traces = ''
beforeAll(async () => {
  collector = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    for (const resource of JSON.parse(text).resourceSpans)
      for (const scope of resource.scopeSpans) spans.push(...scope.spans)
    response.setHeader('Content-Type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const address = collector.address()
  traces = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})
afterAll(() => collector.close())

test('request, plan, shards and finish of a scan are one trace with the id of the scan', async () => {
  const api = await openTestApi({ traces })
  const worker = await startWorker({
    databaseUrl: api.databaseUrl,
    queueUrl: api.databaseUrl,
    vantage: 'default',
    name: 'test',
    version: '0',
    slots: 2,
    connections: 10,
    hostConnections: 100,
    lease: 5_000,
    client: { name: 'Portolan', url: null },
    notify: null,
    traces,
    log: pino({ level: 'silent' }),
  })
  const { json } = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '1', services: false })
  const status = async () => (await api.send('GET', `/v1/scans/${json.id}`)).json.status
  await expect.poll(status, { timeout: 20_000 }).toBe('completed')
  const caller = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  await api.send('GET', '/v1/scans', undefined, { traceparent: caller })
  await worker.stop()
  await api.stop()

  const own = spans.filter(({ traceId }) => traceId === String(json.id).replaceAll('-', ''))
  const root = own.find(({ name }) => name === 'POST /v1/scans')
  expect(root?.parentSpanId ?? '').toBe('')
  const jobs = own.filter((span) => span !== root)
  expect(new Set(jobs.map(({ name }) => name))).toEqual(new Set(['plan', 'scan-shard', 'finish']))
  expect(jobs.every(({ parentSpanId }) => parentSpanId === root?.spanId)).toBe(true)
  expect(new Set(own.map(({ spanId }) => spanId)).size).toBe(own.length)
  expect(spans).toContainEqual(
    expect.objectContaining({
      name: 'GET /v1/scans',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentSpanId: '00f067aa0ba902b7',
    }),
  )
})

test.each([undefined, '', 'nonsense', ['a', 'b'], `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`])(
  '%j is no trace to continue',
  (header) => {
    expect(requestPlace(header)).toEqual({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      parentId: null,
      spanId: null,
    })
  },
)
