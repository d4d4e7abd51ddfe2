import { createDb, type Db } from '@portolan/db/client.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pastScan } from '#test/support/past-scan.ts'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let db: Db
beforeAll(async () => {
  api = await openTestApi()
  db = createDb(api.databaseUrl)
})
afterAll(async () => {
  await db.close()
  await api.stop()
})

const tcp = (port: number, process: string, address = '0.0.0.0') => ({
  transport: 'tcp',
  address,
  port,
  process,
  pid: 7,
})

test('what a host says it listens on is held against what vantages see and policies say', async () => {
  await api.send('POST', '/v1/policies', {
    name: 'p',
    document: { rules: [{ id: 'ssh', effect: 'allow', ports: '22' }] },
  })
  await pastScan(db.pool, {
    seen: [
      { at: '127.0.0.5:22', service: { name: 'ssh', product: 'OpenSSH', version: '9.6' } },
      { at: '127.0.0.5:23' },
      { at: '127.0.0.5:80' },
    ],
  })
  await pastScan(db.pool, { vantage: 'office', ports: '{[1,30]}', seen: [] })
  const listeners = [
    tcp(22, 'sshd'),
    tcp(23, 'telnetd'),
    tcp(25, 'master', '127.0.0.1'),
    tcp(99, 'agent'),
    tcp(900, 'x'),
  ]
  const stored = await api.send('POST', '/v1/listeners', {
    host: 'five',
    addresses: ['127.0.0.5', '::ffff:127.0.0.6'],
    listeners,
  })
  expect(stored.json).toMatchObject({ host: 'five', listeners: 5 })
  const { json } = await api.send('GET', '/v1/hosts/127.0.0.5/exposure')
  const rows = json.rows as Json[]
  expect(rows.map(({ port, exposure }) => `${port} ${exposure}`)).toEqual([
    '22 reachable',
    '23 reachable',
    '25 local',
    '80 elsewhere',
    '99 filtered',
    '900 unasked',
  ])
  expect(rows[0]).toMatchObject({
    listeners: [{ process: 'sshd', pid: 7 }],
    reachableFrom: ['default'],
    filteredFrom: ['office'],
    service: 'OpenSSH 9.6',
    findings: [],
  })
  expect(rows[1]).toMatchObject({ findings: [{ severity: 'medium', ruleId: 'otherwise', vantage: 'default' }] })
  expect(rows[4]).toMatchObject({ filteredFrom: ['default'] })
})

test('a later report replaces the one before; a host that never reported still shows what is reachable', async () => {
  const send = (listeners: readonly object[]) =>
    api.send('POST', '/v1/listeners', { host: 'nine', addresses: ['127.0.0.9'], listeners })
  const first = await send([tcp(22, 'sshd'), tcp(80, 'nginx')])
  const second = await send([tcp(22, 'sshd')])
  expect(second.json).toMatchObject({ id: first.json.id, listeners: 1 })
  const { json } = await api.send('GET', '/v1/hosts/127.0.0.9/exposure')
  expect(json).toMatchObject({ host: 'nine', rows: [{ port: 22 }] })
  expect((await api.send('DELETE', `/v1/listeners/${first.json.id}`)).status).toBe(204)
  await pastScan(db.pool, { seen: [{ at: '127.0.0.9:80' }] })
  expect((await api.send('GET', '/v1/hosts/127.0.0.9/exposure')).json).toMatchObject({
    host: null,
    rows: [{ port: 80, exposure: 'reachable', meaning: /has not said/, reachableFrom: ['default'] }],
  })
})

test('what is not a report is refused at its place', async () => {
  const body = {
    host: 'x',
    addresses: ['127.0.0.1'],
    listeners: [tcp(22, 'a'), { ...tcp(70_000, 'b'), address: 'any' }],
  }
  const { json } = await api.send('POST', '/v1/listeners', body)
  expect((json.errors as Json[]).map(({ pointer }) => pointer)).toEqual(['#/listeners/1/address', '#/listeners/1/port'])
})
