/** Diffs, the feed of changes, endpoints and hosts, over scans that really finished. */
import { createDb, type Db } from '@portolan/db/client.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PastScan, pastScan } from '#test/support/past-scan.ts'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let db: Db
const scans: string[] = []
const ssh = (version: string) => ({ name: 'ssh', product: 'OpenSSH', version })

/** Two looks at 127.0.0.1-9, ports 1-100; the second sees a few more ports and another network from elsewhere. */
const LOOKS: readonly PastScan[] = [
  {
    seen: [
      { at: '127.0.0.1:22', service: ssh('9.2p1') },
      { at: '127.0.0.1:80' },
      {
        at: '127.0.0.2:25',
        service: { name: 'smtp' },
        certificate: { sha256: 'aa', notAfter: '2027-01-01T00:00:00Z' },
      },
    ],
  },
  {
    ports: '{[1,79]}',
    seen: [
      { at: '127.0.0.1:22', service: ssh('9.6p1') },
      {
        at: '127.0.0.2:25',
        service: { name: 'smtp' },
        certificate: { sha256: 'bb', notAfter: '2028-01-01T00:00:00Z' },
      },
      { at: '127.0.0.3:53' },
    ],
  },
  { ports: '{[1,100]}', targets: [['127.0.0.1', '127.0.9.9']], seen: [{ at: '127.0.5.5:99' }, { at: '127.0.0.3:53' }] },
]

beforeAll(async () => {
  api = await openTestApi()
  db = createDb(api.databaseUrl)
  for (const look of LOOKS) {
    const id = await pastScan(db.pool, look)
    // What a request looks like is the API's own business; these were not asked for over HTTP.
    const request = { targets: [], exclude: [], ports: '-', engine: 'auto', services: true, vantages: ['default'] }
    const rest = { discovery: false, record: 'open', priority: 0 }
    await db.pool.query('UPDATE scans SET request = $2 WHERE id = $1', [id, { ...request, ...rest }])
    scans.push(id)
  }
})
afterAll(async () => {
  await db.close()
  await api.stop()
})

const read = async (path: string): Promise<Json> => {
  const reply = await api.send('GET', path)
  expect(reply.status, reply.text).toBe(200)
  return reply.json
}
const at = ({ endpoint }: Json) => `${(endpoint as Json).ip}:${(endpoint as Json).port}`
const places = (list: unknown) => (list as Json[]).map(at)

test('a diff tells what opened, closed and changed, and what cannot be compared', async () => {
  const diff = await read(`/v1/scans/${scans[0]}/diff/${scans[1]}`)
  expect(places(diff.opened)).toEqual(['127.0.0.3:53'])
  expect(places(diff.closed)).toEqual([])
  expect(diff.notComparable).toMatchObject([{ seenIn: 'before', endpoint: { ip: '127.0.0.1', port: 80 } }])
  expect(diff.changed).toMatchObject([
    { kinds: ['version-changed'], endpoint: { port: 22 }, before: { version: '9.2p1' }, after: { version: '9.6p1' } },
    { kinds: ['certificate-changed'], before: { certificate: { sha256: 'aa', notAfter: '2027-01-01T00:00:00.000Z' } } },
  ])
  const later = await read(`/v1/scans/${scans[1]}/diff/${scans[2]}`)
  expect(places(later.closed)).toEqual(['127.0.0.1:22', '127.0.0.2:25'])
  expect(later.notComparable).toMatchObject([{ seenIn: 'after', endpoint: { ip: '127.0.5.5', port: 99 } }])
  const same = await read(`/v1/scans/${scans[0]}/diff/${scans[0]}`)
  expect(same).toEqual({ opened: [], closed: [], changed: [], notComparable: [], next: null })
})

test('a diff in pages is the same diff', async () => {
  const path = `/v1/scans/${scans[0]}/diff/${scans[1]}?limit=1`
  const found: string[] = []
  let next: unknown = null
  do {
    const page = await read(next === null ? path : `${path}&cursor=${next}`)
    const items = ['opened', 'closed', 'changed', 'notComparable'].flatMap((kind) => places(page[kind]))
    expect(items.length).toBeLessThanOrEqual(1)
    found.push(...items)
    next = page.next
  } while (next !== null)
  expect(found).toEqual(['127.0.0.1:22', '127.0.0.1:80', '127.0.0.2:25', '127.0.0.3:53'])
  const unknown = await api.send('GET', `/v1/scans/${scans[0]}/diff/0198c8f4-7b1e-7c2a-9f60-3a1d5e8b2c47`)
  expect(unknown.status).toBe(404)
})

const CHANGES = [
  'version-changed 127.0.0.1:22',
  'certificate-changed 127.0.0.2:25',
  'opened 127.0.0.3:53',
  'closed 127.0.0.1:22',
  'closed 127.0.0.1:80',
  'closed 127.0.0.2:25',
]
const lines = (items: unknown) => (items as Json[]).map((change) => `${change.kind} ${at(change)}`)

test('the feed has each change once, in the order of time, whatever the size of its pages', async () => {
  const all: string[] = []
  let cursor = ''
  do {
    const { items, next }: Json = await read(`/v1/changes?order=oldest&limit=2${cursor}`)
    all.push(...lines(items))
    cursor = next === null ? '' : `&cursor=${next}`
  } while (cursor !== '')
  expect(all.sort()).toEqual([...CHANGES].sort())
  expect(lines((await read('/v1/changes?limit=3')).items).every((line) => line.startsWith('closed'))).toBe(true)
})

test.each([
  ['kind=opened', 1],
  ['kind=opened,closed', 4],
  ['verdict=unconfirmed', 3],
  ['net=127.0.0.2', 2],
  ['net=127.0.0.0/30', 6],
  ['net=10.0.0.0/8', 0],
  ['port=22', 2],
  ['vantage=office', 0],
  ['since=2000-01-01T00:00:00Z', 6],
  ['until=2000-01-01T00:00:00Z', 0],
])('changes with %s', async (query, count) => {
  expect((await read(`/v1/changes?${query}`)).items).toHaveLength(count)
})

test('the changes of one scan', async () => {
  expect((await read(`/v1/changes?scanId=${scans[1]}`)).items).toHaveLength(3)
})

test('an endpoint has its story', async () => {
  const { items } = await read('/v1/changes?kind=version-changed')
  const [change] = items as Json[]
  const endpoint = await read(`/v1/endpoints/${change?.endpointId}`)
  expect(endpoint).toMatchObject({ ip: '127.0.0.1', port: 22, state: 'closed', product: 'OpenSSH', version: '9.6p1' })
  const story = await read(`/v1/endpoints/${change?.endpointId}/history`)
  expect(story.endpoint).toEqual(endpoint)
  expect((story.items as Json[]).map(({ kind }) => kind)).toEqual(['closed', 'version-changed'])
  const first = await read(`/v1/endpoints/${change?.endpointId}/history?limit=1`)
  const second = await read(`/v1/endpoints/${change?.endpointId}/history?limit=1&cursor=${first.next}`)
  expect([...(first.items as Json[]), ...(second.items as Json[])]).toEqual(story.items)
})

test('hosts, and one host’s whole story', async () => {
  const ips = async (query: string) => ((await read(`/v1/hosts?${query}`)).items as Json[]).map(({ ip }) => ip)
  expect(await ips('')).toEqual(['127.0.0.3', '127.0.5.5'])
  expect(await ips('open=false')).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.5.5'])
  expect(await ips('open=false&net=127.0.0.2/31')).toEqual(['127.0.0.2', '127.0.0.3'])
  const { next } = await read('/v1/hosts?limit=1')
  expect(await ips(`limit=1&cursor=${next}`)).toEqual(['127.0.5.5'])
  const host = await read('/v1/hosts/127.0.0.1')
  expect(host).toMatchObject({ ip: '127.0.0.1', open: 0, vantages: ['default'] })
  expect((host.endpoints as Json[]).map(({ port }) => port)).toEqual([22, 80])
  expect((host.changes as Json[]).map(({ kind }) => kind).sort()).toEqual(['closed', 'closed', 'version-changed'])
  expect((await api.send('GET', '/v1/hosts/127.0.0.99')).status).toBe(404)
  expect((await api.send('GET', '/v1/hosts/two.test')).json).toMatchObject({ type: '/problems/validation' })
})

test('another project sees none of it', async () => {
  await db.pool.query("INSERT INTO projects (name) VALUES ('other')")
  await db.pool.query("UPDATE endpoints SET project_id = p.id FROM projects p WHERE p.name = 'other'")
  await db.pool.query("UPDATE changes SET project_id = p.id FROM projects p WHERE p.name = 'other'")
  expect((await read('/v1/changes')).items).toEqual([])
  expect((await read('/v1/hosts?open=false')).items).toEqual([])
  expect((await api.send('GET', '/v1/hosts/127.0.0.1')).status).toBe(404)
})
