/**
 * Every operation with thousands of generated requests, good and bad: never a 5xx, never a status or a body the
 * contract does not name. The judge is the published document, read by an independent validator.
 */
import { openApiDocument } from '@portolan/api/docs/document.ts'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { oneOfEverything } from './one-of-everything.ts'
import { fitting, type Schema, unfitting } from './schema-arbitrary.ts'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly schema: Schema
}

interface Described {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>>
}

const document = openApiDocument()
const { schemas } = document.components as { schemas: Record<string, Schema> }
const operations = Object.entries(document.paths as Record<string, Record<string, Described>>).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, described]) => ({ path, method, described })),
)

const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ $id: 'contract', components: { schemas } })
const validators = new Map<string, ReturnType<typeof ajv.compile>>()

function validator(id: string, schema: Schema) {
  const made =
    validators.get(id) ??
    ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"contract#/components')))
  validators.set(id, made)
  return made
}

let api: TestApi
/** By resource, the id of one there is; the key is not the one we use. */
let things: ReadonlyMap<string, string> = new Map()
/** Only for steering: the events of a scan that goes on never end. */
let going = ''
beforeAll(async () => {
  api = await openTestApi()
  things = await oneOfEverything(api)
  going = String((await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '22' })).json.id)
})
afterAll(() => api.stop())

interface Sent {
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}

function requests({ path, described }: (typeof operations)[number], good: boolean): fc.Arbitrary<Sent> {
  const values = (place: 'path' | 'query') => {
    // A cursor that was made up is never good.
    const parameters = (described.parameters ?? []).filter((p) => p.in === place && !(good && p.name === 'cursor'))
    return fc.record(
      Object.fromEntries(
        parameters.map(({ name, schema }) => [
          name,
          place === 'path' && IDS.includes(name) ? idFor(path, name) : fitting(schema, schemas, name),
        ]),
      ),
      { requiredKeys: place === 'path' ? parameters.map(({ name }) => name) : [] },
    )
  }
  const schema = described.requestBody?.content['application/json']?.schema
  const known = BODIES[described.operationId]?.()
  const body = known ?? (schema ? fitting(schema, schemas) : fc.constant(undefined))
  if (good) return fc.record({ params: values('path'), query: values('query'), body })
  const junk = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('%', '-1', 'null', '\u0000'))
  return fc.record({
    params: fc.oneof(
      values('path'),
      values('path').chain((good) => fc.record(Object.fromEntries(Object.keys(good).map((k) => [k, junk])))),
    ),
    query: fc.oneof(
      values('query'),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('limit', 'cursor', 'format')), junk, { maxKeys: 3 }),
    ),
    body: unfitting(body),
  })
}

/** masscan's list format: the simplest file that can be imported. */
const LISTS = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.ipV4()), { minLength: 1, maxLength: 5 })
  .map((rows) => rows.map(([port, ip]) => `open tcp ${port} ${ip} 1700000000\n`).join(''))

/** Bodies a schema cannot describe: a file, a key that exists, fields that go together. */
const BODIES: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
  importResults: () => LISTS,
  createSchedule: () =>
    fc.record({ name: fc.uuid(), scan: fc.constant({ targets: ['::1'] }), cron: fc.constant('@daily') }),
  updateSchedule: () =>
    fc.record(
      {
        name: fc.uuid(),
        cron: fc.constantFrom('@hourly', '30 2 * * *'),
        timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
        jitterSeconds: fc.nat(600),
        overlap: fc.constantFrom('skip', 'queue'),
        missed: fc.constantFrom('run-once', 'skip'),
      },
      { requiredKeys: [] },
    ),
  updateWebhook: () =>
    fc.record(
      {
        name: fc.uuid(),
        events: fc.constantFrom(['*'], ['change.*']),
        digest: fc.constantFrom('immediate', 'daily'),
        timeZone: fc.constantFrom('UTC', 'Europe/Berlin'),
        quietHours: fc.constantFrom(null, { from: '22:00', to: '06:00' }),
        enabled: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  signIn: () => fc.constant({ key: api.key }),
}

/** Names of path parameters that say which one is meant. */
const IDS = ['id', 'a', 'b', 'deliveryId', 'tag']

/** Mostly the thing that is meant; also others, and such as there are none of. */
function idFor(path: string, name: string): fc.Arbitrary<string> {
  const resource = name === 'deliveryId' ? 'deliveries' : (path.split('/')[2] ?? '')
  const own = /^.v1.scans.*(pause|resume|cancel)$|^.v1.scans.\{id\}$/.test(path)
    ? () => going
    : () => things.get(resource) ?? ''
  const meant = fc.constant(null).map(own)
  const other = fc.nat().map((i) => [...things.values()][i % things.size] ?? '')
  return fc.oneof(meant, meant, meant, other, fc.uuid())
}

const encode = (value: unknown) => encodeURIComponent(String(value).toWellFormed())

async function exchange({ path, method, described }: (typeof operations)[number], { params, query, body }: Sent) {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => encode(params[name]) || '%20')
  const search = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  const sent = method === 'get' || method === 'delete' ? undefined : body
  const reply = await api.send(
    method.toUpperCase(),
    `${filled}${search.length > 0 ? `?${search.join('&')}` : ''}`,
    sent,
    { 'Sec-Fetch-Site': 'same-origin' },
  )
  const context = `${method} ${filled} ${search.join('&')} ${JSON.stringify(sent)} -> ${reply.status} ${reply.text.slice(0, 500)}`
  expect(reply.status, context).not.toBe(500)
  expect(Object.keys(described.responses), context).toContain(String(reply.status))
  judge(described, reply, context)
  return reply.status
}

function judge({ operationId, responses }: Described, reply: Awaited<ReturnType<TestApi['send']>>, context: string) {
  const media = reply.headers.get('content-type')?.split(';')[0] ?? ''
  const content = responses[reply.status]?.content
  if (content === undefined) return expect(reply.text, context).toBe('')
  expect(Object.keys(content), context).toContain(media)
  if (media !== 'application/json' && media !== 'application/problem+json') return
  const valid = validator(`${operationId} ${reply.status} ${media}`, content[media]?.schema ?? {})
  expect(valid(reply.json) ? [] : valid.errors, context).toEqual([])
  if (reply.json.type !== '/problems/validation') return
  // Each flaw with its field and what to write instead, in our words.
  const errors = (reply.json.errors ?? []) as readonly { readonly pointer: string; readonly detail: string }[]
  expect(errors.length, context).toBeGreaterThan(0)
  for (const { detail } of errors) expect(detail, context).not.toMatch(/^(Invalid|Too |Unrecognized|Expected)/)
}

/** Last, so that what they forbid or withdraw does not keep the others from succeeding. */
const LATE = [
  'cancelScan',
  'createDoNotScan',
  'deleteScope',
  'deleteDoNotScan',
  'revokeKey',
  'deletePolicy',
  'deleteTag',
  'updateWebhook',
  'deleteWebhook',
  'deleteListenerReport',
  'deleteSchedule',
]
const sorted = operations.toSorted(
  (a, b) => LATE.indexOf(a.described.operationId) - LATE.indexOf(b.described.operationId),
)

describe.each(sorted)('$method $path', (operation) => {
  test('good requests get good answers', async () => {
    const seen: number[] = []
    await fc.assert(
      fc.asyncProperty(requests(operation, true), async (sent) => void seen.push(await exchange(operation, sent))),
      { numRuns: 50 },
    )
    expect(seen.filter((status) => status < 300).length).toBeGreaterThan(0)
  })

  test('bad requests get problems', async () => {
    await fc.assert(
      fc.asyncProperty(requests(operation, false), async (sent) => void (await exchange(operation, sent))),
      { numRuns: 50 },
    )
  })
})

test('whatever the bytes of a body, the answer is a problem', async () => {
  const bytes = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.json().map((text) => text.slice(0, -1)),
  )
  await fc.assert(
    fc.asyncProperty(bytes, async (body) => {
      const { status, json } = await api.send('POST', '/v1/scans', body.toWellFormed())
      expect([400, 422]).toContain(status)
      expect(validator('problem', { $ref: 'contract#/components/schemas/Problem' })(json)).toBe(true)
    }),
    { numRuns: 300 },
  )
  const deep = await api.send('POST', '/v1/scans', `{"targets":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)
  expect(deep.json as Json).toMatchObject({ type: '/problems/validation', errors: [{ pointer: '#' }] })
})
