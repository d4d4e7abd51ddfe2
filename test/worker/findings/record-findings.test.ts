import { createDb, type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type PastScan, pastScan } from '#test/support/past-scan.ts'
import { testDatabase } from '#test/support/test-services.ts'

let db: Db
beforeAll(async () => {
  db = createDb(await testDatabase())
})
afterAll(() => db.close())
beforeEach(() => db.pool.query('DELETE FROM scans; DELETE FROM findings; DELETE FROM endpoints; DELETE FROM policies'))

const scan = (wish: PastScan) => pastScan(db.pool, wish)
const ssh = (version: string) => ({ name: 'ssh', product: 'OpenSSH', version })

async function policy(...rules: readonly object[]): Promise<void> {
  await db.pool.query('INSERT INTO policies (project_id, name, document) VALUES ($1, $2, $3)', [
    DEFAULT_PROJECT,
    'test',
    JSON.stringify({ otherwise: 'forbid', rules }),
  ])
}

const lines = async (sql: string) => (await db.pool.query<{ line: string }>(sql)).rows.map(({ line }) => line)
const findings = () =>
  lines("SELECT concat_ws(' ', rule_id, subject, status) AS line FROM findings ORDER BY subject, rule_id")
const events = () => lines('SELECT kind AS line FROM finding_events ORDER BY id')

const SSH = { id: 'ssh', effect: 'allow', ports: '22', expect: { minVersion: '9.0' }, severity: 'high' }

test('a finding opens, says what is wrong, resolves when that is right, and reopens when it is back', async () => {
  await policy(SSH)
  const telnet = { at: '127.0.0.1:23', service: { name: 'telnet' } }
  const good = { at: '127.0.0.1:22', service: ssh('9.6p1') }
  await scan({ seen: [good, telnet] })
  expect(await findings()).toEqual(['otherwise default 127.0.0.1 tcp/23 open'])
  const { rows } = await db.pool.query('SELECT severity, detail, endpoint_id IS NOT NULL AS linked FROM findings')
  expect(rows).toMatchObject([
    {
      severity: 'medium',
      linked: true,
      detail: { kinds: ['unexpected-open'], text: /127\.0\.0\.1:23\/tcp .* no rule allows it/ },
    },
  ])
  await scan({ seen: [good, telnet] })
  expect(await events()).toEqual(['opened'])
  await scan({ seen: [good] })
  expect(await findings()).toEqual(['otherwise default 127.0.0.1 tcp/23 resolved'])
  await scan({ seen: [good, telnet] })
  expect(await findings()).toEqual(['otherwise default 127.0.0.1 tcp/23 open'])
  expect(await events()).toEqual(['opened', 'resolved', 'reopened'])
})

test('a finding stays as it is while nobody looks', async () => {
  await policy(SSH)
  await scan({ seen: [{ at: '127.0.0.1:23' }] })
  await scan({ ports: '{[1,9]}' })
  await scan({ vantage: 'office' })
  await scan({ targets: [['127.0.1.0', '127.0.1.9']] })
  await scan({ lost: { checkpoint: 0, size: 900, state: 'failed' } })
  expect(await findings()).toEqual(['otherwise default 127.0.0.1 tcp/23 open'])
})

test('what is wrong in another way updates the finding of its rule, and an upgrade resolves it', async () => {
  await policy(SSH)
  await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('7.4') }] })
  await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('8.4p1') }] })
  expect(await findings()).toEqual(['ssh default 127.0.0.1 tcp/22 open'])
  await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('9.6p1') }] })
  expect(await findings()).toEqual(['ssh default 127.0.0.1 tcp/22 resolved'])
  expect(await events()).toEqual(['opened', 'updated', 'resolved'])
})

test('what must be open and is not is found, once it is looked at', async () => {
  await policy({ id: 'must', effect: 'require', targets: ['127.0.0.1'], ports: '22,443' }, SSH)
  await scan({ ports: '{[1,100]}', seen: [] })
  expect(await findings()).toEqual(['must default 127.0.0.1 tcp/22 open'])
  await scan({ ports: '{[1,500]}', seen: [{ at: '127.0.0.1:22' }] })
  expect(await findings()).toEqual(['must default 127.0.0.1 tcp/22 resolved', 'must default 127.0.0.1 tcp/443 open'])
})

test('an expired exception is a finding', async () => {
  await policy({ id: 'guest', effect: 'allow', ports: '80', expires: '2026-01-01T00:00:00Z' })
  await scan({ seen: [{ at: '127.0.0.1:80' }] })
  const { rows } = await db.pool.query('SELECT detail FROM findings')
  expect(rows).toMatchObject([{ detail: { kinds: ['rule-expired'], text: /expired on 2026-01-01/ } }])
})

test('what somebody acknowledged or snoozed stays quiet, until it is fixed or the time is over', async () => {
  await policy(SSH)
  const seen = [{ at: '127.0.0.1:23' }, { at: '127.0.0.1:25' }]
  await scan({ seen })
  await db.pool.query("UPDATE findings SET status = 'acknowledged' WHERE subject LIKE '%/23'")
  await db.pool.query(
    "UPDATE findings SET status = 'snoozed', snoozed_until = now() + interval '1 hour' WHERE subject LIKE '%/25'",
  )
  await scan({ seen })
  expect(await findings()).toEqual([
    'otherwise default 127.0.0.1 tcp/23 acknowledged',
    'otherwise default 127.0.0.1 tcp/25 snoozed',
  ])
  await db.pool.query("UPDATE findings SET snoozed_until = now() - interval '1 second' WHERE status = 'snoozed'")
  await scan({ seen })
  expect(await findings()).toEqual([
    'otherwise default 127.0.0.1 tcp/23 acknowledged',
    'otherwise default 127.0.0.1 tcp/25 open',
  ])
})

test('a policy that is switched off finds nothing', async () => {
  await policy(SSH)
  await db.pool.query('UPDATE policies SET enabled = false')
  await scan({ seen: [{ at: '127.0.0.1:23' }] })
  expect(await findings()).toEqual([])
})

test('rules by name and by tag hold for the hosts that are called so when the scan ends', async () => {
  await db.pool.query('DELETE FROM host_names; DELETE FROM tags')
  await policy(
    { id: 'db', effect: 'forbid', tags: ['dmz'], ports: '5432', severity: 'critical' },
    { id: 'web', effect: 'allow', names: ['*.example.com'] },
  )
  const seen = ['127.0.0.1:443', '127.0.0.2:443', '127.0.0.1:5432'].map((at) => ({ at }))
  const ports = '{[1,6000]}'
  await db.pool.query(`INSERT INTO host_names VALUES ($1, 'www.example.com', '{127.0.0.1}', now())`, [DEFAULT_PROJECT])
  await db.pool.query(`INSERT INTO tags VALUES ($1, 'dmz', '{127.0.0.0/24}')`, [DEFAULT_PROJECT])
  await scan({ ports, seen })
  expect(await findings()).toEqual(['db default 127.0.0.1 tcp/5432 open', 'otherwise default 127.0.0.2 tcp/443 open'])
  await db.pool.query(`UPDATE host_names SET addresses = '{127.0.0.2}'`)
  await db.pool.query(`UPDATE tags SET targets = '{127.0.0.9}'`)
  await scan({ ports, seen })
  expect(await findings()).toEqual([
    'otherwise default 127.0.0.1 tcp/443 open',
    'db default 127.0.0.1 tcp/5432 resolved',
    'otherwise default 127.0.0.1 tcp/5432 open',
    'otherwise default 127.0.0.2 tcp/443 resolved',
  ])
})
