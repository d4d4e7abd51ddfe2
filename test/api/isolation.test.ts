/** Every route there is, tried by an admin of another project with the ids of this one. */
import { openApiDocument } from '@portolan/api/docs/document.ts'
import { makeApiKey } from '@portolan/api/http/api-key.ts'
import type { Operation } from '@portolan/api/http/operation.ts'
import { operations } from '@portolan/api/operations.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { oneOfEverything } from './one-of-everything.ts'
import { fitting, type Schema } from './schema-arbitrary.ts'
import { openTestApi, type Send, type TestApi } from './test-api.ts'

const OTHER = '00000000-0000-7000-8000-000000000002'
const { schemas } = openApiDocument().components as { schemas: Record<string, Schema> }

let api: TestApi
let stranger: Send
let things: ReadonlyMap<string, string>
beforeAll(async () => {
  api = await openTestApi()
  things = await oneOfEverything(api)
  const key = makeApiKey()
  await api.query(`INSERT INTO projects (id, name) VALUES ('${OTHER}', 'other')`)
  await api.query(
    `INSERT INTO api_keys (project_id, public_id, secret_hash, name, scopes) VALUES ('${OTHER}', $1, $2, 'stranger', '{admin}')`,
    [key.publicId, key.secretHash],
  )
  stranger = api.as(key.token)
})
afterAll(() => api.stop())

/** `/v1/webhooks/{id}/deliveries/{deliveryId}`: webhooks and deliveries. */
function resourcesOf(path: string): string[] {
  const words = path.split('/').slice(2)
  return words.flatMap((word, i) => {
    if (!/^\{(id|a|b|\w+Id)\}$/.test(word)) return []
    return [words.slice(0, i).findLast((before) => things.has(before) || !/[{]|diff/.test(before)) ?? '']
  })
}

/** Belong to the installation: everybody may see them. */
const SHARED = ['listWorkers', 'listDoNotScan', 'getDoNotScan']
const named = operations.filter(
  ({ id, path, access }) => /\{(id|a|b|\w+Id)\}/.test(path) && access !== 'public' && !SHARED.includes(id),
)

test('there is one of everything that a route can name', () => {
  expect(named.flatMap(({ path }) => resourcesOf(path)).filter((resource) => !things.has(resource))).toEqual([])
  expect(named.length).toBeGreaterThan(30)
})

/** Bodies the route would take. */
function bodiesOf({ body, path, method }: Operation): unknown[] {
  if (!body) return [undefined]
  const document = openApiDocument().paths as Record<string, Record<string, { requestBody: { content: object } }>>
  const content = document[path]?.[method]?.requestBody.content as Record<string, { schema: Schema }>
  return fc.sample(fitting(content['application/json']?.schema ?? {}, schemas), { numRuns: 8, seed: 7 })
}

test.each(operations.filter(({ id }) => named.some((operation) => operation.id === id)))(
  '$id does not know them',
  async (operation) => {
    const ids = resourcesOf(operation.path).map((resource) => things.get(resource) ?? '')
    const path = operation.path.replaceAll(/\{\w+\}/g, () => ids.shift() ?? '')
    const types = new Set<unknown>()
    for (const body of bodiesOf(operation)) {
      const { status, json } = await stranger(operation.method.toUpperCase(), path, body)
      expect(status, `${path} ${JSON.stringify(body)}`).toBeGreaterThanOrEqual(400)
      types.add(json.type)
    }
    // What a body has wrong is told first; with a good one it is told that there is no such thing.
    types.delete('/problems/validation')
    const refusal = path.startsWith('/v1/do-not-scan') ? 'forbidden' : 'not-found'
    expect([...types]).toEqual([`/problems/${refusal}`])
  },
)

const lists = operations.filter(
  ({ id, method, path, access }) =>
    method === 'get' && !path.includes('{') && access !== 'public' && !SHARED.includes(id),
)

test.each([...lists])('$id tells nothing of them', async ({ path }) => {
  expect((await api.send('GET', path)).status).toBe(200)
  const { status, text } = await stranger('GET', path)
  // Settings of the installation are for its own admins.
  expect([200, 403]).toContain(status)
  for (const [resource, thing] of things) expect(text, resource).not.toContain(thing)
})

test('nothing of it was changed, and nothing there can be made to point at it', async () => {
  const before = await everything()
  for (const operation of operations.filter(({ method, access }) => method !== 'get' && access !== 'public')) {
    const ids = resourcesOf(operation.path).map((resource) => things.get(resource) ?? '')
    const path = operation.path.replaceAll(/\{\w+\}/g, () => ids.shift() ?? '')
    for (const body of bodiesOf(operation).slice(0, 5)) await stranger(operation.method.toUpperCase(), path, body)
  }
  expect(await everything()).toEqual(before)
}, 120_000)

/** Whatever belongs to the first project or to the installation, as text. When a key was last used is no change. */
async function everything() {
  const tables = await api.query(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name = 'project_id' AND table_name NOT IN ('audit_entries', 'idempotency_keys')`,
  )
  expect(tables.length).toBeGreaterThan(8)
  const rows: unknown[] = [
    await api.query('SELECT * FROM do_not_scan ORDER BY id'),
    await api.query('SELECT * FROM settings ORDER BY name'),
  ]
  for (const { name } of tables)
    rows.push([
      name,
      await api.query(
        `SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM ${name} t WHERE project_id <> '${OTHER}' ORDER BY 1`,
      ),
    ])
  return rows
}
