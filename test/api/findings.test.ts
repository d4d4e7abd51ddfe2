import { createDb, type Db } from '@portolan/db/client.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pastScan } from '#test/support/past-scan.ts'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let db: Db
const seen = [{ at: '127.0.0.1:23', service: { name: 'telnet' } }, { at: '[::1]:8080' }]
const targets = [
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
] as const
const look = () => pastScan(db.pool, { ports: '{[1,9000]}', targets, seen })

beforeAll(async () => {
  api = await openTestApi()
  db = createDb(api.databaseUrl)
  const rules = [
    { id: 'telnet', effect: 'forbid', services: ['telnet'], severity: 'critical', reason: 'Sends passwords in clear.' },
    { id: 'must', effect: 'require', targets: ['127.0.0.1'], ports: '22' },
  ]
  await api.send('POST', '/v1/policies', { name: 'test', document: { rules } })
  await look()
})
afterAll(async () => {
  await db.close()
  await api.stop()
})

const list = async (query = '') => (await api.send('GET', `/v1/findings?${query}`)).json.items as Json[]

async function find(ruleId: string): Promise<Json> {
  const found = (await list()).find((finding) => finding.ruleId === ruleId)
  if (!found) throw new Error(`no finding of ${ruleId}`)
  return found
}

test('a finding says what it means and how to close exactly this port', async () => {
  expect(await find('telnet')).toMatchObject({
    severity: 'critical',
    status: 'open',
    kinds: ['unexpected-open'],
    endpoint: { ip: '127.0.0.1', transport: 'tcp', port: 23, vantage: 'default' },
    meaning: expect.stringContaining('Sends passwords in clear.'),
    close: {
      ufw: 'ufw prepend deny in proto tcp to 127.0.0.1 port 23',
      nftables: 'nft insert rule inet filter input ip daddr 127.0.0.1 tcp dport 23 drop',
      windows: expect.stringMatching(/-Action Block -Protocol TCP -LocalAddress 127\.0\.0\.1 -LocalPort 23$/),
    },
  })
  expect(await find('otherwise')).toMatchObject({ close: { nftables: expect.stringContaining('ip6 daddr ::1') } })
  expect(await find('must')).toMatchObject({ kinds: ['unexpected-closed'], close: null, endpointId: null })
})

test('findings are filtered and paged', async () => {
  expect(await list('severity=critical')).toHaveLength(1)
  expect(await list('status=resolved')).toHaveLength(0)
  expect(await list('status=open,acknowledged')).toHaveLength(3)
  const first = await api.send('GET', '/v1/findings?limit=2')
  const second = await api.send('GET', `/v1/findings?limit=2&cursor=${first.json.next}`)
  expect([...(first.json.items as Json[]), ...(second.json.items as Json[])]).toEqual(await list())
  const { json } = await api.send('GET', '/v1/findings?limit=1&facets=true')
  expect(json.facets).toMatchObject({ status: [{ value: 'open', count: 3 }] })
  expect((json.facets as { severity: Json[] }).severity).toContainEqual({ value: 'critical', count: 1 })
  expect(first.json.facets).toBeNull()
})

test('people acknowledge, snooze, assign and comment, and the timeline says who did', async () => {
  const { id } = await find('otherwise')
  const path = `/v1/findings/${id}`
  const until = new Date(Date.now() + 3_600_000).toISOString()
  const steps: [string, object, object][] = [
    ['assign', { assignee: 'web team' }, { assignee: 'web team', status: 'open' }],
    ['snooze', { reason: 'maintenance', until }, { status: 'snoozed', snoozedUntil: until, reason: 'maintenance' }],
    ['comment', { text: 'asked the vendor' }, { status: 'snoozed', assignee: 'web team' }],
    ['acknowledge', { reason: 'NET-402' }, { status: 'acknowledged', reason: 'NET-402', snoozedUntil: null }],
    ['assign', { assignee: null }, { assignee: null, status: 'acknowledged' }],
  ]
  for (const [verb, body, after] of steps) {
    const reply = await api.send('POST', `${path}/${verb}`, body)
    expect(reply.status, reply.text).toBe(200)
    expect(reply.json).toMatchObject(after)
    expect((await api.send('GET', path)).json).toEqual(reply.json)
  }
  await look()
  expect((await api.send('GET', path)).json.status).toBe('acknowledged')
  const { json } = await api.send('GET', `${path}/timeline`)
  const events = json.items as Json[]
  expect(events.map(({ kind }) => kind)).toEqual([
    'opened',
    'assigned',
    'snoozed',
    'commented',
    'acknowledged',
    'assigned',
  ])
  expect(events[0]).toMatchObject({ actor: null })
  expect(events[3]).toMatchObject({ actor: expect.any(String), body: { text: 'asked the vendor' } })
})

test('a snooze that is over counts no more, before the next scan says so, too', async () => {
  const { id } = await find('must')
  const path = `/v1/findings/${id}`
  const until = new Date(Date.now() + 3_600_000).toISOString()
  await api.send('POST', `${path}/snooze`, { reason: 'maintenance', until })
  const counted = async (status: string) => {
    const { json } = await api.send('GET', '/v1/findings?facets=true')
    const of = (json.facets as { status: Json[] }).status.find(({ value }) => value === status)
    return [of?.count ?? 0, (await list(`status=${status}`)).map((finding) => finding.id)]
  }
  expect(await counted('snoozed')).toEqual([1, [id]])
  await api.query(`UPDATE findings SET snoozed_until = now() - interval '1 second' WHERE id = $1`, [id])
  expect((await api.send('GET', path)).json).toMatchObject({ status: 'open', snoozedUntil: null })
  expect(await counted('snoozed')).toEqual([0, []])
  expect((await counted('open'))[1]).toContain(id)
  await look()
  const { json } = await api.send('GET', `${path}/timeline`)
  expect((json.items as Json[]).at(-1)).toMatchObject({ kind: 'reopened' })
})

test('what somebody resolved stays so until a scan still finds it', async () => {
  const { id } = await find('otherwise')
  const path = `/v1/findings/${id}`
  const reply = await api.send('POST', `${path}/resolve`, { reason: 'taken down' })
  expect(reply.json).toMatchObject({ status: 'resolved', reason: 'taken down', resolvedAt: expect.any(String) })
  expect((await api.send('POST', `${path}/resolve`, { reason: 'again' })).status).toBe(409)
  await look()
  expect((await api.send('GET', path)).json).toMatchObject({ status: 'open', resolvedAt: null })
})

test('what makes no sense is refused', async () => {
  const { id } = await find('telnet')
  const past = await api.send('POST', `/v1/findings/${id}/snooze`, { reason: 'x', until: '2020-01-01T00:00:00Z' })
  expect(past.json).toMatchObject({ errors: [{ pointer: '#/until' }] })
  const stale = await api.send('POST', `/v1/findings/${id}/comment`, { text: 'x' }, { 'If-Match': '"old"' })
  expect(stale.status).toBe(412)
  await pastScan(db.pool, { ports: '{[1,9000]}', targets, seen: [] })
  expect((await api.send('POST', `/v1/findings/${id}/acknowledge`, { reason: 'x' })).status).toBe(409)
  expect((await api.send('POST', `/v1/findings/${id}/comment`, { text: 'closed by us' })).status).toBe(200)
})
