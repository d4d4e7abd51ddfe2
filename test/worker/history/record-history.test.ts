import { JOB_VERSION } from '@portolan/core/jobs.ts'
import { createDb, type Db } from '@portolan/db/client.ts'
import { recordHistory } from '@portolan/worker/history/record-history.ts'
import { finishScan } from '@portolan/worker/jobs/finish-scan.ts'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { toTarget } from '#core/engine/sockaddr.ts'
import { parseAddress } from '#core/target/address.ts'
import { pointOf, setOf } from '#core/target/address-set.ts'
import { createProbeSpace } from '#core/target/create-probe-space.ts'
import { type PastScan, pastScan, unfinishedScan } from '#test/support/past-scan.ts'
import { testDatabase } from '#test/support/test-services.ts'

let db: Db
beforeAll(async () => {
  db = createDb(await testDatabase())
})
afterAll(() => db.close())
beforeEach(() => db.pool.query('DELETE FROM scans; DELETE FROM endpoints'))

const scan = (wish: PastScan) => pastScan(db.pool, wish)
const ssh = (version: string | null, product = 'OpenSSH') => ({ name: 'ssh', product, version })

/** `kind address:port verdict` of the changes a scan made. */
async function told(scanId: string): Promise<readonly string[]> {
  const { rows } = await db.pool.query<{ line: string }>(
    `SELECT c.kind || ' ' || host(e.ip) || ':' || e.port || ' ' || c.verdict AS line
     FROM changes c JOIN endpoints e ON e.id = c.endpoint_id WHERE c.scan_id = $1 ORDER BY e.ip, e.port, c.kind`,
    [scanId],
  )
  return rows.map(({ line }) => line)
}

async function remembered(): Promise<readonly string[]> {
  const { rows } = await db.pool.query<{ line: string }>(
    `SELECT concat_ws(' ', vantage, host(ip) || ':' || port, state, product, version) AS line
     FROM endpoints ORDER BY ip, port, vantage`,
  )
  return rows.map(({ line }) => line)
}

const everything = async () =>
  Promise.all(['endpoints', 'changes'].map(async (t) => (await db.pool.query(`SELECT * FROM ${t} ORDER BY id`)).rows))

test('the first look at a network tells of no change; the next ones tell each change once', async () => {
  const first = await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('9.2p1') }, { at: '127.0.0.1:80' }] })
  expect(await told(first)).toEqual([])
  const same = await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('9.2p1') }, { at: '127.0.0.1:80' }] })
  expect(await told(same)).toEqual([])
  const next = await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('9.6p1') }, { at: '127.0.0.2:81' }] })
  expect(await told(next)).toEqual([
    'version-changed 127.0.0.1:22 confirmed',
    'closed 127.0.0.1:80 unconfirmed',
    'opened 127.0.0.2:81 confirmed',
  ])
  expect(await remembered()).toEqual([
    'default 127.0.0.1:22 open OpenSSH 9.6p1',
    'default 127.0.0.1:80 closed',
    'default 127.0.0.2:81 open',
  ])
  const back = await scan({
    seen: [{ at: '127.0.0.1:22', service: ssh('9.6p1') }, { at: '127.0.0.1:80' }, { at: '127.0.0.2:81' }],
  })
  expect(await told(back)).toEqual(['opened 127.0.0.1:80 confirmed'])
})

test('what is as it was has been seen again, and is otherwise as old as it was', async () => {
  const seen = [{ at: '127.0.0.1:22', service: ssh('9.2p1') }, { at: '127.0.0.1:80' }]
  await scan({ seen })
  const before = await times()
  // The second says less of one, and something else of nothing.
  const next = await scan({ seen: [{ at: '127.0.0.1:22' }, { at: '127.0.0.1:80' }] })
  const after = await times()
  expect(await told(next)).toEqual([])
  expect(await remembered()).toEqual(['default 127.0.0.1:22 open OpenSSH 9.2p1', 'default 127.0.0.1:80 open'])
  for (const [i, { first, changed, last, scanId }] of after.entries()) {
    expect({ first, changed }).toEqual({ first: before[i]?.first, changed: before[i]?.changed })
    expect(last).toBeGreaterThan(before[i]?.last ?? Number.POSITIVE_INFINITY)
    expect(scanId).toBe(next)
  }
})

async function times() {
  const { rows } = await db.pool.query<{ first: Date; last: Date; changed: Date; scanId: string }>(
    `SELECT first_seen AS first, last_seen AS last, last_changed AS changed, last_scan_id AS "scanId"
     FROM endpoints ORDER BY ip, port`,
  )
  return rows.map(({ first, last, changed, scanId }) => {
    return { first: first.getTime(), last: last.getTime(), changed: changed.getTime(), scanId }
  })
}

test('finishing again, or recording again, changes nothing', async () => {
  await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('9.2p1') }, { at: '127.0.0.1:80' }] })
  const id = await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('9.6p1') }, { at: '127.0.0.1:443' }] })
  const before = await everything()
  await finishScan({ db: db.pool, log: pino({ level: 'silent' }) }, { name: 'finish', v: JOB_VERSION, scanId: id })
  const client = await db.pool.connect()
  const { rows } = await client.query('SELECT project_id FROM scans WHERE id = $1', [id])
  await client.query('BEGIN')
  await recordHistory(client, id, rows[0].project_id)
  await client.query('COMMIT')
  client.release()
  expect(await everything()).toEqual(before)
})

test('what another scan did not ask for is neither opened nor closed', async () => {
  await scan({ ports: '{[1,50]}', seen: [{ at: '127.0.0.1:22' }] })
  const otherPorts = await scan({ ports: '{[60,90]}', seen: [{ at: '127.0.0.1:80' }] })
  expect(await told(otherPorts)).toEqual([])
  const otherHosts = await scan({ targets: [['127.0.1.1', '127.0.1.9']], seen: [{ at: '127.0.1.1:22' }] })
  expect(await told(otherHosts)).toEqual([])
  const otherVantage = await scan({ vantage: 'office', seen: [] })
  expect(await told(otherVantage)).toEqual([])
  const otherTransport = await scan({ transport: 'udp', seen: [] })
  expect(await told(otherTransport)).toEqual([])
  expect(await remembered()).toEqual([
    'default 127.0.0.1:22 open',
    'default 127.0.0.1:80 open',
    'default 127.0.1.1:22 open',
  ])
  // Asked for by both, at the same vantage: now it is news.
  expect(await told(await scan({ ports: '{[22,23]}' }))).toEqual(['closed 127.0.0.1:22 unconfirmed'])
})

const seed = Buffer.alloc(16, 7)
const addresses = setOf([{ first: point('127.0.0.1'), last: point('127.0.0.9') }])
const space = createProbeSpace({
  addresses,
  ports: [{ first: 1, last: 100 }],
  transport: 'tcp',
  seed: seed.readUIntBE(0, 6),
})

function point(text: string): bigint {
  const parsed = parseAddress(text)
  return parsed.ok ? pointOf(parsed.value) : 0n
}

/** Every port of one address by its place in the order of the scans above. */
function positionOf(port: number): number {
  const parsed = parseAddress('127.0.0.1')
  return parsed.ok ? space.positionOf(toTarget(parsed.value, port)) : -1
}

test.each(['failed', 'cancelled'] as const)('a %s shard closes nothing it did not reach', async (state) => {
  const all = Array.from({ length: 100 }, (_, i) => i + 1)
  await scan({ seed, seen: all.map((port) => ({ at: `127.0.0.1:${port}` })) })
  const size = 900
  const checkpoint = 400
  const wanted = state === 'cancelled' ? 'cancel' : 'run'
  const id = await scan({ seed, lost: { checkpoint, size, state }, wanted })
  const reached = all.filter((port) => positionOf(port) < checkpoint)
  expect(reached.length).toBeGreaterThan(10)
  expect(reached.length).toBeLessThan(90)
  expect(await told(id)).toEqual(reached.map((port) => `closed 127.0.0.1:${port} unconfirmed`))
  // What the lost shard did not reach was not looked at: seen open next time, it has not opened.
  const fresh = await scan({
    targets: [['127.0.0.1', '127.0.0.9']],
    seed,
    seen: all.map((port) => ({ at: `127.0.0.1:${port}` })),
  })
  expect(await told(fresh)).toEqual(reached.map((port) => `opened 127.0.0.1:${port} confirmed`))
})

test('a new endpoint has opened only if an earlier scan had reached it', async () => {
  await scan({ seed, lost: { checkpoint: 400, size: 900, state: 'failed' } })
  const ports = [5, 17, 23, 42, 77, 91]
  const id = await scan({ seed, seen: ports.map((port) => ({ at: `127.0.0.1:${port}` })) })
  const reached = ports.filter((port) => positionOf(port) < 400)
  expect(await told(id)).toEqual(reached.map((port) => `opened 127.0.0.1:${port} confirmed`))
  expect(reached).not.toEqual(ports)
  expect(reached).not.toEqual([])
})

test('a refusal proves that a port is closed', async () => {
  await scan({ seen: [{ at: '127.0.0.1:22' }, { at: '127.0.0.1:23' }] })
  const id = await scan({
    seen: [
      { at: '127.0.0.1:22', state: 'closed' },
      { at: '127.0.0.1:23', state: 'filtered' },
    ],
  })
  expect(await told(id)).toEqual(['closed 127.0.0.1:22 confirmed', 'closed 127.0.0.1:23 unconfirmed'])
  expect(await remembered()).toEqual(['default 127.0.0.1:22 closed', 'default 127.0.0.1:23 filtered'])
})

test('a look without an answer is no news, and forgets nothing', async () => {
  const certificate = { sha256: 'aa', notAfter: '2027-01-01T00:00:00.000Z' }
  await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('9.2p1'), certificate }] })
  expect(await told(await scan({ seen: [{ at: '127.0.0.1:22' }] }))).toEqual([])
  expect(await told(await scan({ seen: [{ at: '127.0.0.1:22', service: ssh(null) }] }))).toEqual([])
  expect(await remembered()).toEqual(['default 127.0.0.1:22 open OpenSSH 9.2p1'])
  const id = await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('9.6p1') }] })
  expect(await told(id)).toEqual(['version-changed 127.0.0.1:22 confirmed'])
})

test('another service, another certificate', async () => {
  const certificate = { sha256: 'aa', notAfter: '2027-01-01T00:00:00.000Z' }
  const renewed = { sha256: 'bb', notAfter: '2028-01-01T00:00:00.000Z' }
  await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('9.2p1'), certificate }] })
  const cert = await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('9.2p1'), certificate: renewed }] })
  expect(await told(cert)).toEqual(['certificate-changed 127.0.0.1:22 confirmed'])
  const moved = await scan({ seen: [{ at: '127.0.0.1:22', service: ssh('2022.83', 'Dropbear') }] })
  expect(await told(moved)).toEqual(['service-changed 127.0.0.1:22 confirmed'])
  const { rows } = await db.pool.query('SELECT product, version_key, tls_sha256 FROM endpoints')
  expect(rows).toEqual([{ product: 'Dropbear', version_key: '300420223002831', tls_sha256: null }])
  const { rows: changes } = await db.pool.query('SELECT before, after FROM changes WHERE scan_id = $1', [moved])
  expect(changes).toMatchObject([
    {
      before: { service: 'ssh', product: 'OpenSSH', version: '9.2p1', certificate: { sha256: 'bb' } },
      after: { state: 'open', product: 'Dropbear', version: '2022.83' },
    },
  ])
})

test('first seen, last seen and last changed are those of the looks', async () => {
  const [one, two, three] = ['2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z', '2026-11-03T00:00:00Z'].map(
    (t) => new Date(t),
  )
  const seen = (version: string) => [{ at: '127.0.0.1:22', service: ssh(version) }]
  await scan({ seen: seen('9.2p1'), when: one })
  await scan({ seen: seen('9.6p1'), when: two })
  await scan({ seen: seen('9.6p1'), when: three })
  const { rows } = await db.pool.query('SELECT first_seen, last_seen, last_changed FROM endpoints')
  const later = (time: Date | undefined) => new Date((time?.getTime() ?? 0) + 1)
  expect(rows).toEqual([{ first_seen: later(one), last_seen: later(three), last_changed: later(two) }])
  // A scan that ran before and ends after them has nothing to say about now.
  await scan({ seen: seen('8.0'), when: one })
  await scan({ seen: [], when: two })
  expect(await remembered()).toEqual(['default 127.0.0.1:22 open OpenSSH 9.6p1'])
})

test('an endpoint that comes and goes is said to flap', async () => {
  const verdicts: string[] = []
  for (let round = 0; round < 6; round++) {
    const id = await scan({ seen: round % 2 === 0 ? [{ at: '127.0.0.1:22' }] : [] })
    verdicts.push(...(await told(id)).map((line) => line.split(' ').at(-1) ?? ''))
  }
  expect(verdicts).toEqual(['unconfirmed', 'confirmed', 'unconfirmed', 'confirmed', 'flapping'])
})

test('two scans of one network that end at the same moment agree', async () => {
  const seen = Array.from({ length: 50 }, (_, i) => ({ at: `127.0.0.1:${i + 1}` }))
  const ids = await Promise.all([1, 2, 3].map(() => unfinishedScan(db.pool, { seen })))
  const log = pino({ level: 'silent' })
  await Promise.all(ids.map((scanId) => finishScan({ db: db.pool, log }, { name: 'finish', v: JOB_VERSION, scanId })))
  expect(await remembered()).toHaveLength(50)
})

test('a certificate shown only after STARTTLS is remembered and told of when it changes', async () => {
  const mail = (sha256: string) => {
    const certificate = { sha256, notAfter: '2027-01-01T00:00:00.000Z' }
    return { name: 'smtp', product: 'Postfix', facts: { startTls: { protocol: 'TLSv1.3', certificate } } }
  }
  await scan({ seen: [{ at: '127.0.0.1:25', service: mail('aa') }] })
  const renewed = await scan({ seen: [{ at: '127.0.0.1:25', service: mail('bb') }] })
  expect(await told(renewed)).toEqual(['certificate-changed 127.0.0.1:25 confirmed'])
  const { rows } = await db.pool.query('SELECT tls_sha256, tls_not_after FROM endpoints')
  expect(rows).toEqual([{ tls_sha256: 'bb', tls_not_after: new Date('2027-01-01T00:00:00.000Z') }])
})
