/** Exceptions that end while nobody scans. */
import { createDb, type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { expireRules } from '@portolan/worker/findings/expire-rules.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { pastScan } from '#test/support/past-scan.ts'
import { testDatabase } from '#test/support/test-services.ts'

let db: Db
beforeAll(async () => {
  db = createDb(await testDatabase())
})
afterAll(() => db.close())
beforeEach(async () => {
  await db.pool.query('DELETE FROM scans; DELETE FROM findings; DELETE FROM endpoints; DELETE FROM policies')
  await db.pool.query('DELETE FROM webhooks')
  await db.pool.query(
    `INSERT INTO webhooks (project_id, name, kind, url, secret, events, digest)
     VALUES ($1, 'all', 'webhook', 'https://hooks.test/', '\\x00', '{finding.*}', 'immediate')`,
    [DEFAULT_PROJECT],
  )
})

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ago = (ms: number) => new Date(Date.now() - ms).toISOString()

/** A policy that was last looked at a day ago. */
async function policy(...rules: readonly object[]): Promise<void> {
  await db.pool.query(
    "INSERT INTO policies (project_id, name, document, expiries_until) VALUES ($1, 'test', $2, now() - interval '1 day')",
    [DEFAULT_PROJECT, JSON.stringify({ otherwise: 'forbid', rules })],
  )
}
const guest = (expires: string, more = {}) => ({ id: 'guest', effect: 'allow', ports: '80', expires, ...more })
const seen = [{ at: '127.0.0.1:22' }, { at: '127.0.0.1:80' }, { at: '127.0.0.2:80' }]
/** A scan of yesterday, when the exception held and everything else was allowed. */
async function scanned(): Promise<void> {
  await pastScan(db.pool, { seen, when: new Date(Date.now() - 2 * DAY) })
}

const lines = async (sql: string) => (await db.pool.query<{ line: string }>(sql)).rows.map(({ line }) => line)
const findings = () =>
  lines("SELECT concat_ws(' ', rule_id, subject, status) AS line FROM findings ORDER BY subject, rule_id")
const told = () => lines("SELECT event || ' ' || order_key AS line FROM deliveries ORDER BY order_key")

test('what an exception allowed is found when it expires, and told, once', async () => {
  await scanned()
  await policy(guest(ago(HOUR)))
  await Promise.all([expireRules(db.pool), expireRules(db.pool)])
  await expireRules(db.pool)
  expect(await findings()).toEqual(['guest default 127.0.0.1 tcp/80 open', 'guest default 127.0.0.2 tcp/80 open'])
  expect(await told()).toEqual(['finding.opened default 127.0.0.1 tcp/80', 'finding.opened default 127.0.0.2 tcp/80'])
  const { rows } = await db.pool.query('SELECT detail FROM findings LIMIT 1')
  expect(rows).toMatchObject([{ detail: { kinds: ['rule-expired'], text: /guest that allowed it expired on/ } }])
})

test('the next scan has nothing to add', async () => {
  await scanned()
  await policy({ id: 'ssh', effect: 'allow', ports: '22' }, guest(ago(HOUR)))
  await expireRules(db.pool)
  await pastScan(db.pool, { seen })
  expect(await lines('SELECT kind AS line FROM finding_events')).toEqual(['opened', 'opened'])
})

test('only what it decided: neither other addresses, nor what another rule speaks of first, nor what is closed', async () => {
  await scanned()
  await db.pool.query("UPDATE endpoints SET state = 'closed' WHERE ip = '127.0.0.2'")
  await policy({ id: 'web', effect: 'allow', targets: ['127.0.0.1'], ports: '80' }, guest(ago(HOUR)))
  await expireRules(db.pool)
  expect(await findings()).toEqual([])
})

test('neither before its time, nor when it was over before anybody had the policy, nor while it is off', async () => {
  await scanned()
  await policy(guest(new Date(Date.now() + HOUR).toISOString()), { ...guest(ago(2 * DAY)), id: 'old' })
  await expireRules(db.pool)
  await db.pool.query('DELETE FROM policies')
  await policy(guest(ago(HOUR)))
  await db.pool.query('UPDATE policies SET enabled = false')
  await expireRules(db.pool)
  expect(await findings()).toEqual([])
})

test('a finding of the rule that was right again is open again', async () => {
  await policy(guest(ago(HOUR), { expect: { services: ['http'] } }))
  await db.pool.query('UPDATE policies SET expiries_until = now()')
  await pastScan(db.pool, {
    seen: [{ at: '127.0.0.1:80', service: { name: 'ssh' } }],
    when: new Date(Date.now() - HOUR),
  })
  await db.pool.query("UPDATE findings SET status = 'resolved'")
  await db.pool.query("UPDATE policies SET expiries_until = now() - interval '1 day'")
  await expireRules(db.pool)
  expect(await findings()).toEqual(['guest default 127.0.0.1 tcp/80 open'])
})
