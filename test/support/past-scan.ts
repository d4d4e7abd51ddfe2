/** Scans that have happened, written as workers write them and finished by the real finish step. */
import { randomBytes } from 'node:crypto'
import type { Detection, Service } from '@portolan/core/detect/protocol.ts'
import { JOB_VERSION } from '@portolan/core/jobs.ts'
import { DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { writeObservations } from '@portolan/db/observations.ts'
import { finishScan } from '@portolan/worker/jobs/finish-scan.ts'
import type pg from 'pg'
import { pino } from 'pino'

export type Seen = {
  /** `127.0.0.1:22`, `[::1]:53` */
  readonly at: string
  readonly state?: 'open' | 'closed' | 'filtered'
  readonly service?: Partial<Service> & { readonly name: string }
  readonly certificate?: { readonly sha256: string; readonly notAfter: string; readonly subject?: string }
  /** What it sent, a byte a character. */
  readonly evidence?: string
}

export type PastScan = {
  readonly targets?: readonly (readonly [first: string, last: string])[]
  /** PostgreSQL int4multirange. */
  readonly ports?: string
  readonly transport?: 'tcp' | 'udp'
  readonly vantage?: string
  readonly seen?: readonly Seen[]
  /** Where its only shard got to; all of it unless said. */
  readonly lost?: { readonly checkpoint: number; readonly size: number; readonly state: 'failed' | 'cancelled' }
  readonly seed?: Buffer
  /** When it ran; now unless said. */
  readonly when?: Date | undefined
  readonly wanted?: 'run' | 'cancel'
}

/** Runs it and returns its id. */
export async function pastScan(db: pg.Pool, scan: PastScan): Promise<string> {
  const id = await unfinishedScan(db, scan)
  await finishScan({ db, log: pino({ level: 'silent' }) }, { name: 'finish', v: JOB_VERSION, scanId: id })
  const when = scan.when ?? null
  if (when !== null) {
    await db.query('UPDATE scans SET finished_at = $2 WHERE id = $1', [id, when])
    // What closed is dated by the end of the scan.
    await db.query("UPDATE changes SET at = $2 WHERE scan_id = $1 AND kind = 'closed'", [id, when])
  }
  return id
}

export async function unfinishedScan(db: pg.Pool, scan: PastScan): Promise<string> {
  const { targets = [['127.0.0.1', '127.0.0.9']], ports = '{[1,100]}', transport = 'tcp', vantage = 'default' } = scan
  const { seen = [], lost, seed = randomBytes(16), when = new Date(), wanted = 'run' } = scan
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO scans (project_id, request, seed, vantages, ${transport}_ports, status, started_at, wanted)
     VALUES ($1, '{}', $2, $3, $4, 'running', $5, $6) RETURNING id`,
    [DEFAULT_PROJECT, seed, [vantage], ports, when, wanted],
  )
  const id = rows[0]?.id ?? ''
  for (const [i, [first, last]] of targets.entries())
    await db.query('INSERT INTO scan_targets VALUES ($1, $2, host($3::inet), NULL, $3, $4)', [id, i, first, last])
  const size = lost?.size ?? 2 ** 40
  await db.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint, state)
     VALUES ($1, $2, $3, 0, 0, $4, $5, $6)`,
    [id, vantage, transport, size, lost?.checkpoint ?? size, lost?.state ?? 'done'],
  )
  const client = await db.connect()
  try {
    await client.query('BEGIN')
    const seenAt = new Date(when.getTime() + 1)
    const found = seen.map(({ at, state = 'open', ...rest }) => {
      const [, ip = '', port] = at.match(/^\[?([^\]]+?)\]?:(\d+)$/) ?? []
      return { ip, port: Number(port), state, reason: 'test', rtt: 1, seenAt, detection: detectionOf(rest) }
    })
    await writeObservations(client, { scanId: id, vantage, transport }, found)
    await client.query('COMMIT')
  } finally {
    client.release()
  }
  return id
}

function detectionOf({ service, certificate, evidence = '' }: Omit<Seen, 'at' | 'state'>): Detection | null {
  if (service === undefined) return null
  const tls = certificate === undefined ? null : { ...TLS, certificate: { ...CERTIFICATE, ...certificate } }
  return {
    status: 'identified',
    method: 'probed',
    service: { ...SERVICE, ...service },
    tls,
    evidence: Buffer.from(evidence, 'latin1'),
  }
}

const SERVICE = {
  product: null,
  version: null,
  vendor: null,
  info: null,
  os: null,
  device: null,
  hostname: null,
  cpe: [],
  confidence: 1,
  facts: {},
}
const TLS = { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', alpn: null, sni: null }
const CERTIFICATE = {
  subject: 'CN=test',
  issuer: 'CN=test',
  names: ['test'],
  notBefore: '2026-01-01T00:00:00.000Z',
  serial: '01',
  keyType: 'ec',
  keyBits: 256,
  signatureAlgorithm: null,
  selfSigned: true,
  expired: false,
}
