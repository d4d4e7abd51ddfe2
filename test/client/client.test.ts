/** The generated client against the real API. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ApiFailure } from '@portolan/client/api-failure.ts'
import { createClient, take } from '@portolan/client/client.ts'
import { followScan, type ScanEvent } from '@portolan/client/follow-scan.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '#test/api/test-api.ts'
import { ROOT } from '#test/support/source-tree.ts'

let api: TestApi
const open = (fetch?: (request: Request) => Promise<Response>) =>
  createClient({ url: api.url, key: api.key, ...(fetch && { fetch }) })

beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.stop())

async function startScan(label: string): Promise<string> {
  const answer = await take(open().POST('/v1/scans', { body: { targets: ['127.0.0.1'], ports: '22', label } }))
  if (!('id' in answer)) throw new Error('that was a dry run')
  return answer.id
}

test('calls are typed by the contract, lists in a query included', async () => {
  const id = await startScan('typed')
  const query = { status: ['queued' as const, 'planning' as const], label: 'typed' }
  const { items } = await take(open().GET('/v1/scans', { params: { query } }))
  expect(items.map((scan) => scan.id)).toEqual([id])
  const key = await take(open().POST('/v1/keys', { body: { name: 'x', scopes: ['read'] } }))
  expect(key.token).toMatch(/^ptl_/)
  expect(await take(open().POST('/v1/keys/{id}/revoke', { params: { path: { id: key.id } } }))).not.toHaveProperty(
    'token',
  )
})

test('what is refused rejects with the problem', async () => {
  const refused = take(open().POST('/v1/scans', { body: { targets: ['127.0.0.1'], ports: '22-' } }))
  const failure = await refused.catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ApiFailure)
  expect(failure).toMatchObject({ status: 422, problem: { type: '/problems/validation', errors: [{ in: 'body' }] } })
  const stranger = createClient({ url: api.url, key: 'ptl_none' })
  await expect(stranger.GET('/v1/scans')).rejects.toMatchObject({ status: 401 })
})

test('whoever does not answer, or answers something else, is told in one harmless line', async () => {
  const nobody = createClient({ url: 'http://127.0.0.1:1', key: 'k' })
  await expect(nobody.GET('/v1/scans')).rejects.toMatchObject({
    status: null,
    message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1 does not answer: /),
  })
  const hostile = { type: 'x', detail: `\u001b[2J\u009b31m${'x'.repeat(10_000)}` }
  for (const body of ['<html>', 'null', '[]', '{"type":1,"detail":{}}', JSON.stringify(hostile)]) {
    const failure = await open(async () => new Response(body, { status: 500 }))
      .GET('/v1/scans')
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ status: 500, message: expect.stringMatching(/^\P{Cc}{1,600}$/u) })
  }
})

test('a scan is followed through broken connections and an absent service', async () => {
  const id = await startScan('followed')
  await api.query(
    `INSERT INTO observations (scan_id, vantage, ip, transport, port, state, reason, seen_at)
     VALUES ($1, 'default', '127.0.0.1', 'tcp', 22, 'open', 'conn-accept', now())`,
    [id],
  )
  const asked: (string | null)[] = []
  const troubled = open(async (request) => {
    asked.push(request.headers.get('last-event-id'))
    if (asked.length === 2) throw new TypeError('fetch failed')
    if (asked.length === 3) return new Response('away', { status: 503 })
    const response = await fetch(request)
    return asked.length > 1 ? response : new Response(brokenAfter(response.body, 'event: port'), response)
  })
  const seen: ScanEvent[] = []
  for await (const event of followScan(troubled, id, { pause: 10 })) {
    seen.push(event)
    if (event.event === 'port') await api.send('POST', `/v1/scans/${id}/cancel`)
  }
  const [first, ...others] = asked
  expect([first, others.length]).toEqual([null, 3])
  expect(others).toEqual(Array(3).fill(expect.stringMatching(/^\d+$/)))
  expect(seen.map(({ event }) => event)).toEqual(expect.arrayContaining(['progress', 'port', 'done']))
  expect(seen.at(-1)).toMatchObject({ event: 'done', data: { id, status: 'cancelled' } })
})

test('following ends when the signal says so, and when the scan is not there', async () => {
  const stop = new AbortController()
  const seen: ScanEvent[] = []
  for await (const event of followScan(open(), await startScan('left'), { signal: stop.signal })) {
    seen.push(event)
    stop.abort()
  }
  expect(seen).toHaveLength(1)
  const nothing = followScan(open(), '0198c0de-0000-7000-8000-000000000000')
  await expect(nothing.next()).rejects.toMatchObject({ status: 404 })
})

test('it runs in browsers: nothing of Node is imported', () => {
  const folder = path.join(ROOT, 'packages/client/src')
  const texts = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'))
  expect(texts.filter((text) => /from '(node:|@portolan)|process\.|Buffer/.test(text))).toEqual([])
})

/** Passes everything on up to and with the chunk that contains `mark`, then fails as a lost connection does. */
function brokenAfter(body: ReadableStream<Uint8Array> | null, mark: string): ReadableStream<Uint8Array> {
  async function* pieces() {
    for await (const chunk of body ?? []) {
      yield chunk
      if (Buffer.from(chunk).includes(mark)) break
    }
    throw new TypeError('terminated')
  }
  return ReadableStream.from(pieces())
}
