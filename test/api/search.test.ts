/** The search over endpoints that real scans have left behind. */
import { createDb, type Db } from '@portolan/db/client.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pastScan, type Seen } from '#test/support/past-scan.ts'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let db: Db
const ssh = (version: string, product = 'OpenSSH') => ({ name: 'ssh', product, version })
const DAY = 86_400_000
const ago = (days: number) => new Date(Date.now() - days * DAY)
const certificate = (days: number) => ({ sha256: 'aa', notAfter: new Date(Date.now() + days * DAY).toISOString() })

const TWO_WEEKS_AGO: readonly Seen[] = [
  { at: '127.0.0.1:22', service: ssh('9.2p1') },
  { at: '127.0.0.1:80', service: { name: 'http', product: 'Apache httpd', version: '2.4.57', hostname: 'www.test' } },
  { at: '127.0.0.2:22', service: ssh('9.10') },
  { at: '127.0.0.3:99' },
]
const TODAY: readonly Seen[] = [
  { at: '127.0.0.1:22', service: ssh('9.6p1') },
  { at: '127.0.0.2:22', service: ssh('9.10') },
  { at: '127.0.0.3:99' },
  { at: '127.0.0.4:43', service: { name: 'http', product: 'nginx', version: '1.9' }, certificate: certificate(10) },
]

beforeAll(async () => {
  api = await openTestApi()
  db = createDb(api.databaseUrl)
  await pastScan(db.pool, { seen: TWO_WEEKS_AGO, when: ago(14) })
  await pastScan(db.pool, { seen: TODAY })
  await pastScan(db.pool, { vantage: 'office', targets: [['127.0.0.1', '127.0.0.1']], seen: [{ at: '127.0.0.1:22' }] })
})
afterAll(async () => {
  await db.close()
  await api.stop()
})

async function search(
  parameters: Record<string, string>,
): Promise<{ items: Json[]; next: string | null; facets: Json }> {
  const reply = await api.send('GET', `/v1/endpoints?${new URLSearchParams(parameters)}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.json as { items: Json[]; next: string | null; facets: Json }
}
const show = ({ ip, port, vantage }: Json) =>
  `${String(ip).slice(8)}:${port}${vantage === 'default' ? '' : ` ${vantage}`}`
const find = async (q: string, more = {}) => (await search({ q, ...more })).items.map(show)

const ALL = ['1:22', '1:22 office', '1:80', '2:22', '3:99', '4:43']

test.each([
  ['', ALL],
  ['port:22', ['1:22', '1:22 office', '2:22']],
  ['port:23-90', ['1:80', '4:43']],
  ['port:99,80', ['1:80', '3:99']],
  ['transport:udp', []],
  ['service:SSH', ['1:22', '2:22']],
  ['product:openssh version:<9.7', ['1:22']],
  ['version:>9.9', ['2:22']],
  ['version:9.10.0', ['2:22']],
  ['product:apache', []],
  ['product:apache*', ['1:80']],
  ['product:"apache httpd"', ['1:80']],
  ['hostname:*.test', ['1:80']],
  ['hostname:%', []],
  ['hostname:www_test', []],
  ['nginx', ['4:43']],
  ['ngi*x', ['4:43']],
  ['*', ALL],
  ['net:127.0.0.2/31', ['2:22', '3:99']],
  ['127.0.0.1', ['1:22', '1:22 office', '1:80']],
  ['state:closed', ['1:80']],
  ['-state:open', ['1:80']],
  ['seen:>7d', ['1:80']],
  ['seen:<7d -vantage:office', ['1:22', '2:22', '3:99', '4:43']],
  ['changed:<1d port:22', ['1:22', '1:22 office']],
  ['tls.expires:<30d', ['4:43']],
  ['tls.expires:<5d', []],
  ['has:tls', ['4:43']],
  ['-has:service', ['1:22 office', '3:99']],
  ['-service:ssh', ['1:22 office', '1:80', '3:99', '4:43']],
  ['(port:99 OR port:43) state:open', ['3:99', '4:43']],
  ['-(port:99 OR port:43)', ['1:22', '1:22 office', '1:80', '2:22']],
])('%s', async (q, expected) => {
  expect(await find(q)).toEqual(expected)
})

test('a mistake is shown where it is, with what may have been meant', async () => {
  const { status, json } = await api.send('GET', '/v1/endpoints?q=port:22+serivce:ssh')
  expect(status).toBe(422)
  expect(json).toMatchObject({
    type: '/problems/validation',
    errors: [
      { in: 'query', pointer: '#/q', detail: 'there is no field "serivce" (at character 9); did you mean service:?' },
    ],
  })
})

describe('time travel', () => {
  test('shows what was there', async () => {
    const { items } = await search({ q: '', at: ago(7).toISOString() })
    expect(items.map((e) => `${show(e)} ${e.state} ${e.version}`)).toEqual([
      '1:22 open 9.2p1',
      '1:80 open 2.4.57',
      '2:22 open 9.10',
      '3:99 open null',
    ])
    expect(await find('', { at: ago(20).toISOString() })).toEqual([])
    expect(await find('', { at: new Date(Date.now() + DAY).toISOString() })).toEqual(ALL)
  })

  test('searches by what was there', async () => {
    const at = ago(7).toISOString()
    expect(await find('version:<9.6 service:ssh', { at })).toEqual(['1:22'])
    expect(await find('version:<9.6 service:ssh')).toEqual([])
    expect(await find('state:open product:apache*', { at })).toEqual(['1:80'])
    expect(await find('has:tls', { at })).toEqual([])
  })
})

test.each(['ip', 'port', 'changed'])('pages sorted by %s follow each other without gap or overlap', async (sort) => {
  const whole = await find('', { sort })
  expect([...whole].sort()).toEqual([...ALL].sort())
  const pages: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof search>> = await search({
      sort,
      limit: '2',
      ...(cursor !== null && { cursor }),
    })
    pages.push(...page.items.map(show))
    cursor = page.next
  } while (cursor !== null)
  expect(pages).toEqual(whole)
})

test('facets count what matches', async () => {
  const { facets } = await search({ q: 'state:open', facets: 'true' })
  expect(facets).toEqual({
    complete: true,
    hosts: expect.any(Number),
    port: [
      { value: '22', count: 3 },
      { value: '43', count: 1 },
      { value: '99', count: 1 },
    ],
    service: [
      { value: 'ssh', count: 2 },
      { value: 'http', count: 1 },
    ],
    product: [
      { value: 'OpenSSH', count: 2 },
      { value: 'nginx', count: 1 },
    ],
    vantage: [
      { value: 'default', count: 4 },
      { value: 'office', count: 1 },
    ],
  })
  expect((await search({})).facets).toBeNull()
})

const atom = fc.constantFrom(
  ...['port:22', 'service:ssh', 'product:a*', 'version:<9.6', 'net:127.0.0.2/31', 'state:open', 'seen:<7d', 'has:tls'],
  ...[
    'tls.expires:<30d',
    'nginx',
    'cpe:x',
    'banner:x',
    'info:x',
    'os:*',
    'changed:>1d',
    'hostname:www*',
    'name:www*',
    'transport:tcp',
  ],
)
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    atom,
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(${a} OR ${b})`),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(${a} ${b})`),
    tie('tree').map((part) => `-${part}`),
  ),
}))

test('a search and its opposite share out everything, now and then', async () => {
  const then = ago(7).toISOString()
  await fc.assert(
    fc.asyncProperty(tree, fc.boolean(), async (q, past) => {
      const at = past ? { at: then } : {}
      const everything = past ? 4 : ALL.length
      const [yes, no] = [await find(q, at), await find(`-(${q})`, at)]
      expect(yes.length + no.length).toBe(everything)
      expect(yes.filter((endpoint) => no.includes(endpoint))).toEqual([])
    }),
    { numRuns: 80 },
  )
})

test('nothing anybody looks for becomes part of a statement', async () => {
  const attack = fc.constantFrom(
    "'; DROP TABLE endpoints; --",
    '$1',
    '%',
    "\\'",
    '") OR 1=1 --',
    'a*',
    '\u00e4',
    '{}',
    "E'\\x00'",
  )
  const field = fc.constantFrom(
    'service:',
    'product:',
    'version:',
    'cpe:',
    'hostname:',
    'name:',
    'tag:',
    '',
    'tls.sha256:',
    'vantage:',
    '-',
  )
  await fc.assert(
    fc.asyncProperty(
      field,
      fc.oneof(attack, fc.string({ unit: 'grapheme', maxLength: 30 })),
      fc.boolean(),
      async (f, v, quoted) => {
        const q = quoted ? `${f}"${v.replaceAll(/["\\]/g, '\\$&')}"` : `${f}${v}`
        const reply = await api.send('GET', `/v1/endpoints?q=${encodeURIComponent(q.toWellFormed())}`)
        expect([200, 422], `${q}: ${reply.text}`).toContain(reply.status)
      },
    ),
    { numRuns: 150 },
  )
  expect(await find('')).toEqual(ALL)
})
