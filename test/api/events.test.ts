/** The event stream as a browser or curl reads it, from an API instance that did not take the scan. */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let other: TestApi
beforeAll(async () => {
  api = await openTestApi()
  other = await openTestApi({ databaseUrl: api.databaseUrl })
})
afterAll(async () => {
  await other.stop()
  await api.stop()
})

interface Event {
  readonly event: string
  readonly id: string | undefined
  readonly data: Json
}

/** Reads events until `enough` says so or the stream ends. */
async function follow(
  scanId: unknown,
  enough: (events: readonly Event[]) => boolean,
  headers: Record<string, string> = {},
  at = other,
): Promise<Event[]> {
  const abort = new AbortController()
  const response = await fetch(`${at.url}/v1/scans/${scanId}/events`, {
    headers: { Authorization: `Bearer ${api.key}`, ...headers },
    signal: abort.signal,
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const events: Event[] = []
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s)))
      if (fields.data) events.push({ event: fields.event, id: fields.id, data: JSON.parse(fields.data) })
    }
    if (enough(events)) break
  }
  abort.abort()
  return events
}

async function running(): Promise<unknown> {
  const { json } = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '1-100' })
  await api.query(`UPDATE scans SET status = 'running', started_at = now() WHERE id = $1`, [json.id])
  await api.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
     VALUES ($1, 'default', 'tcp', 0, 0, 100, 0)`,
    [json.id],
  )
  return json.id
}

/** What a worker commits: results, counters and checkpoint at once. */
async function commit(scanId: unknown, port: number, checkpoint: number): Promise<void> {
  await api.query(
    `WITH seen AS (INSERT INTO observations (scan_id, vantage, ip, transport, port, state, reason, seen_at)
       VALUES ($1, 'default', '127.0.0.1', 'tcp', $2, 'open', 'conn-accept', now()))
     UPDATE shards SET checkpoint = $3, open = open + 1, updated_at = now() WHERE scan_id = $1`,
    [scanId, port, checkpoint],
  )
}

async function identify(scanId: unknown, port: number): Promise<void> {
  await api.query(
    `WITH seen AS (UPDATE observations SET detection = 'identified', service = 'ssh', method = 'probed'
       WHERE scan_id = $1 AND port = $2)
     UPDATE shards SET updated_at = now() WHERE scan_id = $1`,
    [scanId, port],
  )
}

const finish = (scanId: unknown) =>
  api.query(`UPDATE scans SET status = 'completed', finished_at = now(), summary = '{"open": 2}' WHERE id = $1`, [
    scanId,
  ])
const portsOf = (events: readonly Event[]) =>
  events.filter(({ event }) => event === 'port').map(({ data }) => data.port)

test('progress, each open port as it is found, its service when it is known, the end', async () => {
  const id = await running()
  const stream = follow(id, () => false)
  await commit(id, 22, 40)
  await new Promise((resolve) => setTimeout(resolve, 700))
  await identify(id, 22)
  await new Promise((resolve) => setTimeout(resolve, 700))
  await commit(id, 80, 100)
  await finish(id)
  const events = await stream
  const ports = events.filter(({ event }) => event === 'port')
  expect(ports.map(({ data }) => [data.port, data.detection])).toEqual([
    [22, null],
    [22, 'identified'],
    [80, null],
  ])
  expect(ports[1]?.data).toMatchObject({ service: { name: 'ssh' }, state: 'open', ip: '127.0.0.1' })
  const progress = events.filter(({ event }) => event === 'progress')
  expect(progress.map(({ data }) => data.probesDone).slice(-2)).toEqual([40, 100])
  expect(events.at(-1)).toMatchObject({ event: 'done', data: { status: 'completed', summary: { open: 2 } } })
})

test('a client that comes back with Last-Event-ID, to another instance, misses nothing and is spared what is old', async () => {
  const id = await running()
  await commit(id, 1, 10)
  await api.query(`UPDATE observations SET seen_at = now() - interval '10 min' WHERE scan_id = $1`, [id])
  await commit(id, 2, 20)
  const first = await follow(id, (events) => portsOf(events).length === 2)
  const last = first.findLast(({ id }) => id !== undefined)?.id ?? ''
  await commit(id, 3, 30)
  await finish(id)
  const second = await follow(id, () => false, { 'Last-Event-ID': last }, api)
  expect(portsOf(second)).toContain(3)
  expect(portsOf(second)).not.toContain(1)
  const anew = await follow(id, () => false)
  expect(portsOf(anew)).toEqual([1, 2, 3])
})

test('the stream of a scan that has ended ends too, and a cut one frees its place', async () => {
  const id = await running()
  await finish(id)
  const events = await follow(id, () => false)
  expect(events.at(-1)?.event).toBe('done')
  const full = await openTestApi({ databaseUrl: api.databaseUrl, streams: 1 })
  const going = await running()
  const headers = { Authorization: `Bearer ${api.key}` }
  const abort = new AbortController()
  const first = await fetch(`${full.url}/v1/scans/${going}/events`, { headers, signal: abort.signal })
  const second = await fetch(`${full.url}/v1/scans/${going}/events`, { headers })
  expect(second.status).toBe(503)
  expect(second.headers.get('retry-after')).toBe('5')
  // Asked after the second: a response that nobody refers to is collected, and its stream is given up with it.
  expect(first.status).toBe(200)
  abort.abort()
  await expect
    .poll(async () => {
      const again = new AbortController()
      const { status } = await fetch(`${full.url}/v1/scans/${going}/events`, { headers, signal: again.signal })
      again.abort()
      return status
    })
    .toBe(200)
  await full.stop()
})

test('one key leaves room for others, who get theirs while there is any', async () => {
  const busy = await openTestApi({ databaseUrl: api.databaseUrl, streams: 8 })
  onTestFinished(busy.stop)
  const going = await running()
  const { json: other } = await api.send('POST', '/v1/keys', { name: 'other', scopes: ['read'] })
  const abort = new AbortController()
  onTestFinished(() => abort.abort())
  const opened: Response[] = []
  const open = async (key: unknown) => {
    const headers = { Authorization: `Bearer ${key}` }
    const response = await fetch(`${busy.url}/v1/scans/${going}/events`, { headers, signal: abort.signal })
    opened.push(response)
    return response.status
  }
  const statuses: number[] = []
  for (const key of [api.key, api.key, api.key, api.key, api.key, other.token, other.token, other.token])
    statuses.push(await open(key))
  expect(statuses).toEqual([200, 200, 200, 200, 429, 200, 200, 429])
  expect(opened[4]?.headers.get('retry-after')).toBe('5')
  expect(await opened[4]?.json()).toMatchObject({ detail: '4 streams of this key are open; close one first' })
})
