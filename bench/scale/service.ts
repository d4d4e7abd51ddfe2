/** A whole installation as the processes people run: PostgreSQL, Redis where wished, the API, workers. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createDb } from '@portolan/db/client.ts'
import { migrate } from '@portolan/db/migrate.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import { NODE_FLAGS } from '../../packages/cli/src/processes/node-flags.ts'
import { startRedis } from '../../test/support/redis-server.ts'
import { giveServersPrecedence } from '../take-precedence.ts'

export type Backend = 'postgres' | 'redis'
export type WorkerWish = { readonly vantage?: string; readonly slots?: number }
export type Service = Awaited<ReturnType<typeof startService>>

const KEY = `ptl_${'be'.repeat(8)}_${'b'.repeat(43)}`
export const HEADERS = { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' }

/** Nothing is left of it when `stop` resolves. `serverSettings` are PostgreSQL's. */
export async function startService(backend: Backend, serverSettings: readonly string[] = []) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-scale-'))
  // The database server runs as somebody else when we are root.
  await chmod(folder, 0o755)
  const postgres = await startPostgres(folder, { settings: serverSettings })
  giveServersPrecedence(folder)
  const redis = backend === 'redis' ? await startRedis() : null
  const queueUrl = redis?.url ?? postgres.url
  await prepare(postgres.url, queueUrl)
  const db = createDb(postgres.url)
  const env = { DATABASE_URL: postgres.url, QUEUE_URL: queueUrl, LOG_LEVEL: 'warn' }
  const children: ChildProcess[] = []
  const launch = (name: 'api' | 'worker', more: Readonly<Record<string, string>>) => {
    const child = fork(fileURLToPath(import.meta.resolve(`@portolan/${name}/main.ts`)), {
      env: { ...process.env, ...env, ...more },
      execArgv: [...NODE_FLAGS],
    })
    children.push(child)
    return child
  }
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = { PORT: `${port}`, PORTOLAN_BOOTSTRAP_KEY: KEY, PORTOLAN_RATE_LIMIT: '100000000' }
  const api = launch('api', settings)
  await ready(url)
  return {
    db: db.pool,
    url,
    queueUrl,
    api,
    redisPid: redis?.pid ?? null,
    folder,
    async worker({ vantage = 'default', slots = 2 }: WorkerWish = {}): Promise<ChildProcess> {
      const wishes = { PORTOLAN_VANTAGE: vantage, PORTOLAN_CONCURRENCY: `${slots}` }
      const child = launch('worker', { ...wishes, PORTOLAN_WORKER_NAME: `${vantage}` })
      await once(child, 'message')
      return child
    },
    call: (method: string, route: string, body?: object) => call(method, `${url}${route}`, body),
    async stop(): Promise<void> {
      await Promise.all(children.map(end))
      await db.close()
      await redis?.stop()
      await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

async function prepare(databaseUrl: string, queueUrl: string): Promise<void> {
  await migrate(databaseUrl)
  await using queues = openQueues(queueUrl)
  await queues.migrate()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function ready(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await fetch(`${url}/readyz`).catch(() => null))?.ok) return
    await sleep(100)
  }
  throw new Error('the API does not become ready')
}

async function call(method: string, url: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method, headers: HEADERS, ...(body && { body: JSON.stringify(body) }) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return text === '' ? {} : JSON.parse(text)
}

/** Seconds of processor time of a process so far. */
export async function cpu(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Peak resident size in MiB. */
export async function peak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}

/** Processes of PostgreSQL: those that work in its folder. */
export function serversIn(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Until no scan is unfinished; how many of them did not complete. */
export async function ended({ db }: Pick<Service, 'db'>): Promise<number> {
  for (;;) {
    const { rows } = await db.query<{ left: number; bad: number }>(
      `SELECT count(*) FILTER (WHERE finished_at IS NULL)::int AS left,
         count(*) FILTER (WHERE finished_at IS NOT NULL AND status <> 'completed')::int AS bad FROM scans`,
    )
    if (rows[0]?.left === 0) return rows[0].bad
    // Every question takes processor time from what is measured.
    await sleep(100)
  }
}

/** The same, where a time would mean nothing unless all of them completed. */
export async function allFinished(service: Pick<Service, 'db'>): Promise<void> {
  const bad = await ended(service)
  if (bad > 0) throw new Error(`${bad} scans did not complete`)
}
