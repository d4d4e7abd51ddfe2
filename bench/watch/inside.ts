/** Inside the simulated internet: the service, and a schedule that is run so many times. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startApi } from '@portolan/api/start-api.ts'
import { createDb } from '@portolan/db/client.ts'
import { migrate } from '@portolan/db/migrate.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { startWorker } from '@portolan/worker/start-worker.ts'
import { pino } from 'pino'

const runs = Number(process.argv[2] ?? 200)
const KEY = `ptl_${'be'.repeat(8)}_${'b'.repeat(43)}`
const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-watch-'))
await chmod(folder, 0o755)
const postgres = await startPostgres(folder)
await migrate(postgres.url)
const shared = { databaseUrl: postgres.url, queueUrl: postgres.url, log: pino({ level: 'warn' }) }
const api = await startApi({ ...shared, host: '127.0.0.1', port: 0, bootstrapKey: KEY, addresses: [], rateLimit: 1e6 })
const worker = await startWorker({
  ...shared,
  vantage: 'default',
  name: 'bench',
  version: '0',
  slots: 2,
  connections: 100,
  hostConnections: 100,
  lease: 10_000,
  client: { name: 'Portolan', url: null },
  notify: null,
})
const db = createDb(postgres.url)

async function send(method: string, route: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${api.url}${route}`, {
    method,
    headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${await response.text()}`)
  return JSON.parse(await response.text())
}

const count = async (sql: string) => Number((await db.pool.query(sql)).rows[0]?.count ?? 0)

await send('POST', '/v1/scopes', { cidr: '198.18.0.0/16', owner: 'bench', reason: 'the simulated internet' })
const scan = { targets: ['198.18.0.0/29'], ports: '1-50', services: false }
const schedule = await send('POST', '/v1/schedules', { name: 'watch', scan, everySeconds: 86_400 })
const started = performance.now()
for (let run = 0; run < runs; run++) {
  const { id } = await send('POST', `/v1/schedules/${schedule.id}/run`)
  while (!(await db.pool.query('SELECT FROM scans WHERE id = $1 AND finished_at IS NOT NULL', [id])).rows.length)
    await sleep(20)
}
const told = await db.pool.query('SELECT kind, verdict, count(*)::int FROM changes GROUP BY 1, 2 ORDER BY 1, 2')
console.log(
  JSON.stringify({
    runs,
    completed: await count("SELECT count(*) FROM scans WHERE status = 'completed'"),
    endpoints: await count('SELECT count(*) FROM endpoints'),
    secondLooks: await count('SELECT count(*) FROM shards WHERE ordinal = -2'),
    foundAgain: await count("SELECT count(*) FROM confirmations WHERE state = 'open'"),
    changes: told.rows,
    seconds: Math.round(performance.now() - started) / 1000,
  }),
)
await worker.stop()
await api.stop()
await db.close()
await postgres.stop()
await rm(folder, { recursive: true, force: true })
