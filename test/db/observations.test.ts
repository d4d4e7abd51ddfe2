import { createDb, type Db } from '@portolan/db/client.ts'
import { type Observation, type ObservedBy, writeObservations } from '@portolan/db/observations.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Json, Service } from '#core/detect/protocol.ts'
import { testDatabase } from '#test/support/test-services.ts'

let db: Db
let by: ObservedBy
beforeAll(async () => {
  db = createDb(await testDatabase())
})
afterAll(() => db.close())
beforeEach(async () => {
  const { rows } = await db.pool.query<{ id: string }>('SELECT uuid_v7() AS id')
  by = { scanId: rows[0]?.id ?? '', vantage: 'default', transport: 'tcp' }
})

async function write(...batches: readonly (readonly Observation[])[]): Promise<void> {
  const client = await db.pool.connect()
  try {
    await client.query('BEGIN')
    for (const batch of batches) await writeObservations(client, by, batch)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

const stored = () =>
  db.prisma.observation.findMany({ where: { scanId: by.scanId }, orderBy: [{ ip: 'asc' }, { port: 'asc' }] })

const seenAt = new Date('2026-11-23T04:05:06.789Z')
const bare = (ip: string, port: number): Observation => ({
  ip,
  port,
  state: 'open',
  reason: 'syn-ack',
  rtt: 1.25,
  seenAt,
  detection: null,
})

const ssh: Service = {
  name: 'ssh',
  product: 'OpenSSH',
  version: '9.2p1',
  vendor: 'OpenBSD',
  info: 'Debian 12',
  os: 'Linux',
  device: null,
  hostname: 'gate',
  cpe: ['cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*', 'cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*'],
  confidence: 1,
  facts: { protocol: '2.0', keys: ['rsa', 'ed25519'] },
}
const greeting = Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n')

const withService = (
  ip: string,
  port: number,
  service: Service = ssh,
  evidence: Uint8Array = greeting,
): Observation => ({
  ...bare(ip, port),
  detection: { status: 'identified', method: 'probed', service, tls: null, evidence },
})

describe('writeObservations', () => {
  test('stores everything an observation says', async () => {
    await write([withService('2001:db8::1', 22), bare('192.0.2.1', 80)])
    const [http, login] = await stored()
    expect(http).toMatchObject({
      ip: '192.0.2.1',
      port: 80,
      state: 'open',
      rtt: 1.25,
      seenAt,
      detection: null,
      cpe: [],
    })
    const { name, confidence, ...told } = ssh
    expect(login).toMatchObject({ ...by, ...told, ip: '2001:db8::1', service: name, method: 'probed', confidence })
    expect(login?.evidence).toEqual(new Uint8Array(greeting))
    expect(login?.evidenceText).toBe('SSH-2.0-OpenSSH_9.2p1 ')
  })

  test('the certificate of an upgrade on request is kept like any other; a mere yes is none', async () => {
    const startTls = { protocol: 'TLSv1.3', certificate: { sha256: 'aa', notAfter: '2027-01-01T00:00:00.000Z' } }
    const mail = (port: number, upgrade: Json) =>
      withService('192.0.2.1', port, { ...ssh, facts: { startTls: upgrade } })
    await write([mail(25, startTls), mail(389, true), mail(390, null)])
    expect((await stored()).map(({ tls }) => tls)).toEqual([startTls, null, null])
  })

  test('keeps every state', async () => {
    const states = ['open', 'closed', 'filtered', 'open|filtered'] as const
    await write(states.map((state, port) => ({ ...bare('192.0.2.1', port), state, reason: 'no-response', rtt: null })))
    const { rows } = await db.pool.query('SELECT state FROM observations WHERE scan_id = $1 ORDER BY port', [by.scanId])
    expect(rows.map((row) => row.state)).toEqual(states)
  })

  test('the same batch again, by the same or another transaction, changes nothing', async () => {
    const batch = [withService('192.0.2.1', 22), bare('192.0.2.1', 80), bare('192.0.2.2', 80)]
    await write(batch)
    const before = await stored()
    await write(batch, batch.slice(1))
    expect(await stored()).toEqual(before)
  })

  test('a detection completes what was written before, and nothing bare erases it', async () => {
    await write([bare('192.0.2.1', 22)])
    await write([withService('192.0.2.1', 22)])
    await write([bare('192.0.2.1', 22)])
    expect(await stored()).toMatchObject([{ port: 22, service: 'ssh' }])
  })

  test('a batch may hold an endpoint before and after its detection', async () => {
    await write([withService('192.0.2.1', 22), bare('192.0.2.1', 22), bare('192.0.2.1', 23)])
    expect(await stored()).toMatchObject([{ service: 'ssh' }, { service: null }])
  })

  test('one of many that is there already costs none of the others, and keeps what is known of it', async () => {
    const many = Array.from({ length: 3_000 }, (_, i) => bare(`198.51.${100 + (i >> 8)}.${i & 255}`, 443))
    await write([withService('198.51.110.7', 443)])
    await write(many, [bare('2001:db8::1', 443)])
    const rows = await stored()
    expect(rows).toHaveLength(3_001)
    expect(rows.filter(({ service }) => service === 'ssh')).toMatchObject([{ ip: '198.51.110.7' }])
  })

  test('writing what is said to be known stores it, whether it was there or not', async () => {
    await write([bare('192.0.2.1', 22)])
    const client = await db.pool.connect()
    await client.query('BEGIN')
    await writeObservations(client, by, [withService('192.0.2.1', 22), bare('192.0.2.2', 22)], { known: true })
    await client.query('COMMIT')
    client.release()
    expect(await stored()).toMatchObject([{ service: 'ssh' }, { service: null }])
  })

  test('nothing is written when the transaction is rolled back, and the connection goes on', async () => {
    await expect(write([bare('192.0.2.1', 22)], [bare('not an address', 1)])).rejects.toThrow('inet')
    expect(await stored()).toEqual([])
    await write([bare('192.0.2.1', 22)])
    expect(await stored()).toHaveLength(1)
  })

  test('writers of the same endpoints in opposite order do not lock each other out', async () => {
    const hosts = Array.from({ length: 200 }, (_, i) => bare(`192.0.2.${i}`, 443))
    await Promise.all(Array.from({ length: 8 }, (_, i) => write(i % 2 ? hosts : hosts.toReversed())))
    expect(await stored()).toHaveLength(200)
  })

  test('insists on a transaction', async () => {
    const client = await db.pool.connect()
    await expect(writeObservations(client, by, [bare('192.0.2.1', 22)])).rejects.toThrow('needs a transaction')
    client.release()
  })
})

describe('what strangers write', () => {
  const HOSTILE = [
    '\0',
    '\x1b[31m',
    '\\N',
    '\\',
    '\t',
    '\n',
    '"',
    ',',
    '{',
    '}',
    "'",
    '\ud800',
    '\u202e',
    '🦞',
    '\\u0000',
  ]
  const hostile = fc
    .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' })))
    .map((parts) => parts.join(''))

  test('comes back clean, or as it is when it was clean', () =>
    fc.assert(
      fc.asyncProperty(hostile, hostile, fc.uint8Array({ maxLength: 300 }), async (text, key, bytes) => {
        const service = { ...ssh, product: text, info: text, cpe: [text, 'a'], facts: { [key]: [text, { [text]: 1 }] } }
        await write([withService('192.0.2.1', 22, service, bytes)])
        const [row] = await stored()
        const whole = text.isWellFormed() && !/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text)
        if (whole && text.length <= 255) expect(row).toMatchObject({ product: text, info: text, cpe: [text, 'a'] })
        expect(row?.product).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e]/u)
        expect(row?.product?.length).toBeLessThanOrEqual(255)
        if (bytes.length > 0) expect(row?.evidence).toEqual(new Uint8Array(bytes))
        if (!/[\0\ud800-\udfff]/.test(text + key)) expect(row?.facts).toEqual(JSON.parse(JSON.stringify(service.facts)))
      }),
      { numRuns: 150 },
    ))
})
