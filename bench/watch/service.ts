/** The real service, and a schedule that is run by hand. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startApi } from '@portolan/api/start-api.ts'
import { createDb } from '@portolan/db/client.ts'
import { migrate } from '@portolan/db/migrate.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { startWorker } from '@portolan/worker/start-worker.ts'
import type pg from 'pg'
import { pino } from 'pino'

const KEY = `ptl_${'be'.repeat(8)}_${'b'.repeat(43)}`

type Send = (route: string, body?: object) => Promise<Record<string, unknown>>

const senderTo =
  (url: string): Send =>
  async (route, body) => {
    const response = await fetch(`${url}${route}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`)
    return JSON.parse(await response.text())
  }

/** API, database and `workers` workers of one vantage. */
export async function startService(workers: number) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-watch-'))
  await chmod(folder, 0o755)
  const postgres = await startPostgres(folder)
  await migrate(postgres.url)
  const shared = { databaseUrl: postgres.url, queueUrl: postgres.url, log: pino({ level: 'warn' }) }
  const api = await startApi({
    ...shared,
    host: '127.0.0.1',
    port: 0,
    bootstrapKey: KEY,
    addresses: [],
    rateLimit: 1e6,
  })
  const own = {
    vantage: 'default',
    name: 'bench',
    version: '0',
    slots: 2,
    connections: 100,
    hostConnections: 100,
    lease: 10_000,
    notify: null,
  }
  const start = () => startWorker({ ...shared, ...own, client: { name: 'Portolan', url: null } })
  const running = await Promise.all(Array.from({ length: workers }, start))
  const db = createDb(postgres.url)
  return {
    db: db.pool,
    count: async (sql: string) => Number((await db.pool.query(sql)).rows[0]?.count ?? 0),
    schedule: (scan: object) => schedule(db.pool, senderTo(api.url), scan),
    async stop(): Promise<void> {
      for (const worker of running) await worker.stop()
      await api.stop()
      await db.close()
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Makes a schedule of `scan`; what it returns runs it once, to the end, and gives the id of the scan. */
async function schedule(db: pg.Pool, send: Send, scan: object): Promise<() => Promise<string>> {
  await send('/v1/scopes', { cidr: '198.18.0.0/16', owner: 'bench', reason: 'the simulated internet' })
  const made = await send('/v1/schedules', { name: 'watch', scan, everySeconds: 86_400 })
  return async () => {
    const { id } = await send(`/v1/schedules/${made.id}/run`)
    const ended = 'SELECT FROM scans WHERE id = $1 AND finished_at IS NOT NULL'
    while ((await db.query(ended, [id])).rows.length === 0) await sleep(20)
    return String(id)
  }
}
