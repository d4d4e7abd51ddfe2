/**
 * The PostgreSQL and the Redis of one test run. They live in Vitest's main process and start when the first test file
 * asks for them, so a run of unit tests pays nothing; test files ask through a socket.
 */
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Container, containedOr, containedPostgres, containedRedis } from './containers.ts'
import { startRedis } from './redis-server.ts'

/** What a test file can ask for; each answer is a URL nobody else gets. */
export type Wish = 'database' | 'empty database' | 'redis'

export interface Services {
  /** Where to ask: one line with the wish, answered in JSON. */
  readonly socket: string
  stop(): Promise<void>
}

export async function openServices(): Promise<Services> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-test-'))
  // PostgreSQL runs as somebody else when we are root.
  await chmod(folder, 0o755)
  const [postgres, redis] = [
    lazy(() => openPostgres(folder)),
    lazy(() => containedOr<Container>(containedRedis, startRedis)),
  ]
  let granted = 0
  const grant = async (wish: string) => {
    const number = ++granted
    if (wish === 'redis') return `${(await redis.get()).url}/${number}`
    return (await postgres.get()).create(`test_${number}`, wish === 'database' ? TEMPLATE : 'template0')
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => {})
    createInterface(client).on('line', async (wish) => {
      const answer = await grant(wish).then(
        (url) => ({ url }),
        (error: unknown) => ({ error: String(error) }),
      )
      client.end(JSON.stringify(answer))
    })
  }).listen(path.join(folder, 'socket'))
  await once(server, 'listening')
  return {
    socket: path.join(folder, 'socket'),
    async stop() {
      server.close()
      await Promise.all([postgres.stop(), redis.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Stoppable {
  stop(): Promise<void>
}

/** Starts it when first asked for; stops it if it was. */
function lazy<T extends Stoppable>(start: () => Promise<T>): { get(): Promise<T> } & Stoppable {
  let started: Promise<T> | undefined
  return {
    get() {
      started ??= start()
      return started
    },
    async stop() {
      const service = await started?.catch(() => undefined)
      await service?.stop()
    },
  }
}

/** A container's port opens a moment before its database answers. */
async function ready(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const answered = await ask().then(
      () => true,
      () => false,
    )
    if (answered) return
    await sleep(200)
  }
  await ask()
}

const TEMPLATE = 'portolan_template'

/** A crash of the machine may take a test's data with it, so nothing waits for the disk. */
const SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=400']

async function openPostgres(folder: string) {
  // Not at the top: only runs that need a database pay for loading what talks to it.
  const { startPostgres } = await import('@portolan/embedded/postgres.ts')
  const { migrate } = await import('@portolan/db/migrate.ts')
  const { default: pg } = await import('pg')
  const embedded = () => startPostgres(folder, { port: 0, settings: SETTINGS })
  const server = await containedOr<Container>(() => containedPostgres(SETTINGS), embedded)
  const admin = new pg.Pool({ connectionString: server.url, max: 1 })
  // A connection that ends with the server, at the end of the run, is no news.
  admin.on('error', () => {})
  const named = (name: string) => Object.assign(new URL(server.url), { pathname: `/${name}` }).href
  let last: Promise<unknown> = Promise.resolve()
  const create = async (name: string, template: string) => {
    last = last.catch(() => {}).then(() => admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`))
    await last
    return named(name)
  }
  await ready(() => admin.query('SELECT 1'))
  await migrate(await create(TEMPLATE, 'template0'))
  return {
    create,
    async stop() {
      await admin.end()
      await server.stop()
    },
  }
}
