/** A whole installation as separate processes that can be killed and come back: database, queue, API, workers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { migrate } from '@portolan/db/migrate.ts'
import { type EmbeddedPostgres, startPostgres } from '@portolan/embedded/postgres.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import { Redis } from 'ioredis'
import pg from 'pg'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

export type Backend = 'postgres' | 'redis'
export const KEY = `ptl_${'ca'.repeat(8)}_${'c'.repeat(43)}`

/** On 127.0.0.1. */
export type Ports = { readonly api: number; readonly postgres: number; readonly redis: number }
/** In a network namespace of one's own all are free. */
const USUAL: Ports = { api: 7070, postgres: 55_432, redis: 6379 }

type Part = {
  readonly program: string
  readonly env: Readonly<Record<string, string>>
  /** Whoever strikes it starts it again. */
  struck: boolean
  child: ChildProcess
}
/** Milliseconds until what ended by itself is started again, as whoever supervises processes does. */
const AGAIN = 300

export class Installation {
  readonly folder: string
  readonly backend: Backend
  readonly url: string
  readonly #ports: Ports
  #postgres!: EmbeddedPostgres
  #redis: RedisServer | null = null
  readonly #parts: Part[] = []
  #closing = false

  constructor(folder: string, backend: Backend, ports = USUAL) {
    this.folder = folder
    this.backend = backend
    this.url = `http://127.0.0.1:${ports.api}`
    this.#ports = ports
  }

  get databaseUrl(): string {
    return this.#postgres.url
  }

  get queueUrl(): string {
    return this.#redis?.url ?? this.#postgres.url
  }

  get workers(): readonly Part[] {
    return this.#parts.slice(1)
  }

  async start(workers: number): Promise<void> {
    this.#postgres = await startPostgres(this.folder, { port: this.#ports.postgres })
    if (this.backend === 'redis') this.#redis = await startRedis({ port: this.#ports.redis })
    await migrate(this.databaseUrl)
    await using queues = openQueues(this.queueUrl)
    await queues.migrate()
    const shared = { DATABASE_URL: this.databaseUrl, QUEUE_URL: this.queueUrl, LOG_LEVEL: 'warn' }
    const api = { PORT: `${this.#ports.api}`, PORTOLAN_BOOTSTRAP_KEY: KEY, PORTOLAN_RATE_LIMIT: '1000000' }
    this.#add('@portolan/api/main.ts', { ...shared, ...api })
    const worker = { ...shared, PORTOLAN_LEASE_MS: '1500', PORTOLAN_NOTIFY_NETWORKS: '127.0.0.0/8' }
    for (let i = 0; i < workers; i++)
      this.#add('@portolan/worker/main.ts', { ...worker, PORTOLAN_WORKER_NAME: `worker-${i}` })
    await this.answering()
  }

  #add(specifier: string, env: Readonly<Record<string, string>>): void {
    const program = fileURLToPath(import.meta.resolve(specifier))
    const part: Part = { program, env, struck: false, child: this.#fork(program, env) }
    this.#supervise(part)
    this.#parts.push(part)
  }

  /** Dies when this process does, in whatever way, even while it is stopped. */
  #fork(program: string, env: Readonly<Record<string, string>>): ChildProcess {
    const log = openSync(path.join(this.folder, 'processes.log'), 'a')
    const command = ['--pdeathsig', 'KILL', process.execPath, program]
    const child = spawn('setpriv', command, { env: { ...process.env, ...env }, stdio: ['ignore', log, log] })
    closeSync(log)
    return child
  }

  #launch(part: Part): void {
    if (this.#closing) return
    part.child = this.#fork(part.program, part.env)
    this.#supervise(part)
  }

  /** One that is started while its database is away ends, and says why. */
  #supervise(part: Part): void {
    part.child.once('exit', async () => {
      if (part.struck) return
      await sleep(AGAIN)
      if (!part.struck) this.#launch(part)
    })
  }

  /** Until the API says that it is ready. */
  async answering(): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      const response = await fetch(`${this.url}/readyz`).catch(() => null)
      if (response?.ok) return
      await sleep(100)
    }
    throw new Error(`the API does not become ready:\n${this.log()}`)
  }

  /** Ends a part with this signal, and starts it again after the pause if that ended it. */
  async strike(part: Part, signal: 'SIGKILL' | 'SIGTERM', pause: number): Promise<void> {
    part.struck = true
    const { child } = part
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGCONT')
      child.kill(signal)
      await ended
    }
    await sleep(pause)
    part.struck = false
    this.#launch(part)
  }

  async freeze(part: Part, duration: number): Promise<void> {
    part.child.kill('SIGSTOP')
    await sleep(duration)
    part.child.kill('SIGCONT')
  }

  get api(): Part {
    const [api] = this.#parts
    if (api === undefined) throw new Error('nothing has been started')
    return api
  }

  async killPostgres(): Promise<void> {
    const pid = Number(readFileSync(path.join(this.folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
    process.kill(pid, 'SIGKILL')
    await this.#postgres.exited
    await this.#startPostgresAgain()
  }

  async restartPostgres(): Promise<void> {
    await this.#postgres.stop()
    await this.#startPostgresAgain()
  }

  /** A server that was killed leaves processes behind for a moment, and they the port. */
  async #startPostgresAgain(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const server = await startPostgres(this.folder, { port: this.#ports.postgres }).catch((error: unknown) => {
        if (tries > 40) throw error
        return null
      })
      if (server?.port === this.#ports.postgres) {
        this.#postgres = server
        return
      }
      await server?.stop()
      await sleep(250)
    }
  }

  /** The queue forgets everything it holds. */
  async wipeQueue(): Promise<void> {
    if (this.#redis !== null) {
      const redis = new Redis(this.#redis.url, { maxRetriesPerRequest: 20 })
      await redis.flushall()
      return redis.disconnect()
    }
    const client = new pg.Client({ connectionString: this.queueUrl })
    await client.connect()
    await client.query('TRUNCATE bullmq.job CASCADE')
    await client.end()
  }

  /** Redis without persistence: what comes back is empty. */
  async restartRedis(): Promise<void> {
    if (this.#redis === null) return this.wipeQueue()
    await this.#redis.stop()
    this.#redis = await startRedis({ port: this.#ports.redis })
  }

  /** The last lines the processes wrote. */
  log(): string {
    return readFileSync(path.join(this.folder, 'processes.log'), 'utf8').split('\n').slice(-30).join('\n')
  }

  async close(): Promise<void> {
    this.#closing = true
    for (const { child } of this.#parts) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    await this.#redis?.stop()
    await this.#postgres.stop()
  }
}
