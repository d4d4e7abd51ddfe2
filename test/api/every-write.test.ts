/** Every route that changes something, walked from the list of operations: what is noted of it, and who may overwrite whom. */
import { openApiDocument } from '@portolan/api/docs/document.ts'
import type { Operation } from '@portolan/api/http/operation.ts'
import { operations } from '@portolan/api/operations.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { oneOfEverything } from './one-of-everything.ts'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let things: ReadonlyMap<string, string>
let going = ''
beforeAll(async () => {
  api = await openTestApi({ trustProxy: 1 })
  things = await oneOfEverything(api)
  going = String((await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '22' })).json.id)
})
afterAll(() => api.stop())

/** They answer a question and store nothing. */
const QUESTIONS = ['draftPolicy', 'evaluatePolicy', 'previewRetention']

/** Where the example of the contract does not fit what is there. */
const BODIES: Readonly<Record<string, unknown>> = {
  startScan: { targets: ['127.0.0.1'], ports: '22' },
  createSchedule: { name: 'walk', scan: { targets: ['127.0.0.1'], ports: '22' }, cron: '@daily' },
  checkPort: { host: '127.0.0.1', port: 1, service: false },
  importResults: 'open tcp 26 192.0.2.9 1700000000\n',
}

/** What must be there for the others comes last. */
const LAST = ['resolveFinding', 'cancelScan', 'revokeKey', 'deletePolicy', 'deleteWebhook', 'signOut']
const rank = ({ id, method }: Operation) => LAST.indexOf(id) + (method === 'delete' ? 1 : 0)
const writes = operations
  .filter(({ method, id }) => method !== 'get' && !QUESTIONS.includes(id))
  .toSorted((a, b) => rank(a) - rank(b))

function pathOf({ path, id }: Operation): string {
  const words = path.split('/')
  const filled = words.map((word, i) => {
    if (!word.startsWith('{')) return word
    if (['changeScan', 'pauseScan', 'resumeScan', 'cancelScan'].includes(id)) return going
    return things.get(words.slice(0, i).findLast((before) => things.has(before)) ?? '') ?? ''
  })
  return filled.join('/')
}

function bodyOf({ id, path, method }: Operation): unknown {
  if (id === 'signIn') return { key: api.key }
  const { paths } = openApiDocument() as { paths: Record<string, Record<string, Json>> }
  const described = paths[path]?.[method] as { requestBody?: { content: Record<string, { example?: unknown }> } }
  return BODIES[id] ?? described.requestBody?.content['application/json']?.example
}

const MEDIA: Readonly<Record<string, Record<string, string>>> = { importResults: { 'Content-Type': 'text/plain' } }
let cookie = ''

async function write(operation: Operation, headers: Record<string, string> = {}) {
  const session = operation.path === '/v1/session' && operation.method === 'delete'
  const reply = await api.send(operation.method.toUpperCase(), pathOf(operation), bodyOf(operation), {
    'Sec-Fetch-Site': 'same-origin',
    ...MEDIA[operation.id],
    ...(session && { Cookie: cookie, Authorization: '' }),
    ...headers,
  })
  cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? cookie
  return reply
}

describe('a stale If-Match', () => {
  const conditional = writes.filter(({ conditional }) => conditional)
  test.each(conditional)('is refused by $id', async (operation) => {
    const stale = await write(operation, { 'If-Match': '"of-long-ago"' })
    expect(stale.json).toMatchObject({ type: '/problems/precondition-failed', status: 412 })
  })

  test('is minded by everything that changes or deletes what can be read by itself', () => {
    const readable = new Set(operations.filter(({ method }) => method === 'get').map(({ path }) => path))
    const changes = operations.filter(
      ({ method, path }) => ['put', 'patch', 'delete'].includes(method) && readable.has(path) && path !== '/v1/session',
    )
    expect(changes.filter((operation) => !operation.conditional).map(({ id }) => id)).toEqual([])
    expect(conditional.map(({ path }) => readable.has(path.replace(/(\/\{id\})\/\w+$/, '$1')))).not.toContain(false)
  })

  test('the tag that was read lets one through, and the answer brings the next', async () => {
    const patches = conditional.filter(({ method, id }) => method !== 'delete' && id !== 'changeScan')
    const acts = patches.filter(({ method }) => method === 'patch' || method === 'put')
    expect(acts.length).toBeGreaterThan(5)
    for (const operation of acts) {
      const path = pathOf(operation)
      const tag = (await api.send('GET', path)).headers.get('etag') ?? ''
      const reply = await write(operation, { 'If-Match': tag })
      expect(reply.status, operation.id).toBe(200)
      expect(reply.headers.get('etag'), operation.id).toBe((await api.send('GET', path)).headers.get('etag'))
    }
  })
})

describe('the audit log', () => {
  let seen = 0
  const entries = async () => {
    const rows = await api.query('SELECT * FROM audit_entries ORDER BY id')
    const fresh = rows.slice(seen)
    seen = rows.length
    return fresh
  }
  beforeAll(async () => void (await entries()))

  test.each(writes)('notes $id', async (operation) => {
    const requestId = `walk-${operation.id}`
    const { status, text } = await write(operation, { 'X-Request-Id': requestId, 'X-Forwarded-For': '198.51.100.7' })
    expect(status, text).toBeLessThan(300)
    const noted = await entries()
    const by = { actor: 'first key', address: '198.51.100.7', request_id: requestId }
    expect(noted).toEqual([expect.objectContaining(by)])
    const [{ action, target_id: target, before, after } = {}] = noted
    expect(action).toMatch(/^[a-z-]+\.[a-z-]+$/)
    expect(target).not.toBe('')
    const made = operation.method === 'post' && !operation.path.includes('{')
    if (operation.method !== 'delete') expect(after, 'after').not.toBeNull()
    else expect(after).toBeNull()
    // A report replaces the one before, where there was one.
    const makes = made || ['rerunScan', 'runSchedule', 'testWebhook'].includes(operation.id)
    if (!makes) expect(before, 'before').not.toBeNull()
    expect(JSON.stringify([before, after])).not.toMatch(/ptl_[0-9a-f]{16}_|whsec_/)
  })
})
