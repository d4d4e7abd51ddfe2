/** Endpoints as they were: what changed since then, and what only seemed to, is taken back. */
import { createDb, type Db } from '@portolan/db/client.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pastScan } from '#test/support/past-scan.ts'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

const DAY = 86_400_000
const ago = (days: number) => new Date(Date.now() - days * DAY)
const SSH = { at: '127.0.0.1:22', service: { name: 'ssh', product: 'OpenSSH', version: '9.6p1' } }
const WEB = { at: '127.0.0.2:80', service: { name: 'http', product: 'nginx', version: '1.20' } }
const NEWER = { at: '127.0.0.2:80', service: { name: 'http', product: 'nginx', version: '1.28' } }

let api: TestApi
let db: Db
const CLOSED = ago(20)
beforeAll(async () => {
  api = await openTestApi()
  db = createDb(api.databaseUrl)
  await pastScan(db.pool, { seen: [SSH, WEB], when: ago(30) })
  await pastScan(db.pool, { seen: [WEB], when: CLOSED })
  await pastScan(db.pool, { seen: [SSH, NEWER], when: ago(2) })
})
afterAll(async () => {
  await db.close()
  await api.stop()
})

async function search(q: string, at?: Date): Promise<readonly Json[]> {
  const when = at === undefined ? {} : { at: at.toISOString() }
  const { json, text } = await api.send('GET', `/v1/endpoints?${new URLSearchParams({ q, ...when })}`)
  expect(json.items, text).toBeDefined()
  return json.items as Json[]
}
const ports = async (q: string, at?: Date) => (await search(q, at)).map(({ port }) => port).join(' ')

test('the present moment shows the present, to the last field', async () => {
  // A version that the second look did not bear out: kept, and nothing became of it.
  await api.query(
    `INSERT INTO changes (project_id, scan_id, endpoint_id, ip, kind, verdict, before, after, at)
     SELECT project_id, last_scan_id, id, ip, 'service-changed', 'unconfirmed', '{}', '{}', now() - interval '1 hour'
     FROM endpoints WHERE port = 80`,
  )
  expect(await search('', new Date(Date.now() + 1_000))).toEqual(await search(''))
  await api.query("DELETE FROM changes WHERE kind = 'service-changed'")
})

test('a port that was closed then was seen last before it closed', async () => {
  const [ssh] = await search('port:22', ago(10))
  expect(ssh).toMatchObject({ state: 'closed', version: '9.6p1', lastScanId: null })
  expect(Date.parse(String(ssh?.lastSeen))).toBeLessThanOrEqual(CLOSED.getTime())
  expect(Date.parse(String(ssh?.lastChanged))).toBe(CLOSED.getTime())
  const [open] = await search('port:22', ago(25))
  expect(open).toMatchObject({ state: 'open' })
})

test('ages count from the moment that is asked for', async () => {
  expect(await ports('first:<7d')).toBe('')
  expect(await ports('first:<7d', ago(28))).toBe('22 80')
  expect(await ports('changed:<7d', ago(18))).toBe('22')
  expect(await ports('changed:>7d', ago(18))).toBe('80')
  expect(await ports('seen:>5d', ago(10))).toBe('22')
  expect(await ports('changed:<3d')).toBe('22 80')
})

test('counts, and policies that are tried, see the same moment', async () => {
  const at = ago(10).toISOString()
  const { json } = await api.send('GET', `/v1/endpoints?q=state:open&facets=true&at=${at}`)
  expect(json.facets).toMatchObject({ hosts: 1, port: [{ value: '80', count: 1 }] })
  const rules = [
    { id: 'ssh', effect: 'require', targets: ['127.0.0.1'], ports: '22' },
    { id: 'web', effect: 'allow', ports: '80', expect: { minVersion: '1.24' } },
  ]
  const then = await api.send('POST', '/v1/policies/evaluate', { document: { rules }, at })
  expect(then.json.violations).toMatchObject([{ kind: 'version-too-old' }, { kind: 'unexpected-closed' }])
  expect((await api.send('POST', '/v1/policies/evaluate', { document: { rules } })).json).toMatchObject({ total: 0 })
})
