/** A database, a queue, listeners on loopback, and workers inside this process or outside of it. */
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createDb, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import type { MailServer } from '@portolan/worker/notify/mail.ts'
import { type RunningWorker, startWorker } from '@portolan/worker/start-worker.ts'
import type pg from 'pg'
import { pino } from 'pino'
import { expect, vi } from 'vitest'
import { testDatabase } from '#test/support/test-services.ts'

export type ScanWish = {
  readonly targets: readonly (readonly [first: string, last: string])[]
  /** PostgreSQL int4multirange. */
  readonly ports?: string
  readonly udpPorts?: string
  readonly services?: 'none' | 'light' | 'default'
  readonly record?: 'open' | 'all'
  readonly rate?: number
  readonly vantages?: readonly string[]
  readonly priority?: number
  readonly engine?: 'auto' | 'connect' | 'syn'
  readonly perHostRate?: number
  readonly discovery?: boolean
}

export type ScanState = {
  readonly status: string
  readonly status_reason: string | null
  readonly summary: Record<string, unknown> | null
}

export type Harness = Awaited<ReturnType<typeof openHarness>>

export const LEASE = 1_000

const pick = (from: number, to: number) => from + Math.floor(Math.random() * (to - from))

/** Three octets of loopback that another run of the tests at the same time does not use. */
export const NET = `127.${pick(64, 255)}.${pick(0, 255)}`

export type WorkerWish = {
  readonly vantage?: string
  readonly slots?: number
  readonly mailServer?: MailServer | null
  readonly hostConnections?: number
  /** Milliseconds. */
  readonly lease?: number
}

export type ProcessOptions = {
  /** What PostgreSQL calls its connections. */
  readonly application?: string
  readonly slots?: number
  readonly vantage?: string
  readonly uid?: number
  readonly gid?: number
}

export async function openHarness(queueUrl: string, databaseUrl?: string) {
  const url = databaseUrl ?? (await testDatabase())
  const db = createDb(url)
  const queues = openQueues(queueUrl)
  const stops: (() => unknown)[] = [() => db.close(), () => queues.close()]
  await queues.migrate()
  await allow(db.pool, '127.0.0.0/8')
  return {
    url,
    db: db.pool,
    queues,
    /** A worker in this process. */
    async worker({
      vantage = 'default',
      slots = 2,
      mailServer = null,
      hostConnections = 100,
      lease = LEASE,
    }: WorkerWish = {}): Promise<RunningWorker> {
      const worker = await startWorker({
        databaseUrl: url,
        queueUrl,
        vantage,
        name: 'test',
        version: '0',
        slots,
        connections: 100,
        hostConnections,
        lease,
        client: { name: 'Portolan', url: null },
        notify: { mailServer, networks: ['127.0.0.0/8'] },
        log: pino({ level: 'silent' }),
      })
      stops.push(() => worker.stop())
      return worker
    },
    /** A worker that can be killed. */
    async workerProcess(options: ProcessOptions = {}): Promise<ChildProcess> {
      const { slots = 2, vantage = 'default', application = 'test', ...account } = options
      const main = fileURLToPath(import.meta.resolve('@portolan/worker/main.ts'))
      const urls = { DATABASE_URL: url, QUEUE_URL: queueUrl, PGAPPNAME: application }
      const env = { ...process.env, ...urls, PORTOLAN_LEASE_MS: String(LEASE), PORTOLAN_VANTAGE: vantage }
      const child = fork(main, { env: { ...env, PORTOLAN_CONCURRENCY: String(slots), LOG_LEVEL: 'fatal' }, ...account })
      stops.push(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill('SIGKILL')
        await once(child, 'exit')
      })
      await once(child, 'message')
      return child
    },
    /** TCP servers that greet with `greeting` and wait. */
    async listen(endpoints: readonly string[], greeting = ''): Promise<void> {
      for (const endpoint of endpoints) stops.push(await listen(endpoint, greeting))
    },
    scan: (wish: ScanWish) => insertScan(db.pool, wish),
    state: (scanId: string) => stateOf(db.pool, scanId),
    /** The state of the scan once its status is one of these. */
    until: (scanId: string, ...statuses: readonly string[]) => until(db.pool, scanId, statuses),
    found: (scanId: string) => foundBy(db.pool, scanId),
    probed: (scanId: string) => probedBy(db.pool, scanId),
    async close(): Promise<void> {
      for (const stop of stops.splice(0).reverse()) await stop()
    },
  }
}

export async function allow(db: pg.Pool, cidr: string): Promise<void> {
  await db.query(
    `INSERT INTO scopes (project_id, cidr, names_special, owner, reason) VALUES ($1, $2, true, 'test', 'test')`,
    [DEFAULT_PROJECT, cidr],
  )
}

async function listen(endpoint: string, greeting: string): Promise<() => Promise<unknown>> {
  const [host, port] = endpoint.split(':')
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    if (greeting !== '') socket.write(greeting)
  })
  server.listen(Number(port), host)
  await once(server, 'listening')
  return () => {
    for (const socket of sockets) socket.destroy()
    return new Promise((done) => server.close(done))
  }
}

/** As the API writes it. */
async function insertScan(db: pg.Pool, wish: ScanWish): Promise<string> {
  const { targets, ports = null, services = 'none', record = 'open', rate = null, vantages = ['default'] } = wish
  const { priority = 0, engine = 'connect', perHostRate = null, udpPorts = null, discovery = false } = wish
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO scans (project_id, request, services, record, seed, rate, vantages, tcp_ports, priority, engine, per_host_rate,
       udp_ports, discovery)
     VALUES ($1, '{}', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`,
    [
      DEFAULT_PROJECT,
      services,
      record,
      randomBytes(16),
      rate,
      vantages,
      ports,
      priority,
      engine,
      perHostRate,
      udpPorts,
      discovery,
    ],
  )
  const id = rows[0]?.id ?? ''
  for (const [ordinal, [first, last]] of targets.entries())
    await db.query('INSERT INTO scan_targets VALUES ($1, $2, host($3::inet), NULL, $3, $4)', [id, ordinal, first, last])
  return id
}

async function stateOf(db: pg.Pool, scanId: string): Promise<ScanState> {
  const { rows } = await db.query<ScanState>('SELECT status, status_reason, summary FROM scans WHERE id = $1', [scanId])
  return rows[0] ?? { status: 'gone', status_reason: null, summary: null }
}

async function until(db: pg.Pool, scanId: string, statuses: readonly string[]): Promise<ScanState> {
  await vi.waitFor(async () => expect(statuses).toContain((await stateOf(db, scanId)).status), {
    timeout: 60_000,
    interval: 20,
  })
  return stateOf(db, scanId)
}

/** `address:port` of what is stored as open, in order. */
async function foundBy(db: pg.Pool, scanId: string): Promise<readonly string[]> {
  const { rows } = await db.query<{ endpoint: string }>(
    `SELECT host(ip) || ':' || port AS endpoint FROM observations WHERE scan_id = $1 AND state = 'open' ORDER BY ip, port`,
    [scanId],
  )
  return rows.map((row) => row.endpoint)
}

/** How many positions are behind the checkpoints now. */
async function probedBy(db: pg.Pool, scanId: string): Promise<number> {
  const { rows } = await db.query<{ probed: number }>(
    'SELECT coalesce(sum(checkpoint - from_position), 0)::int AS probed FROM shards WHERE scan_id = $1',
    [scanId],
  )
  return rows[0]?.probed ?? 0
}
