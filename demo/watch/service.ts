/** The service as `npm start` runs it, in a folder that goes away with it; with Redis as the queue where there is one. */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type ApiClient, createClient } from '@portolan/client/client.ts'
import { type RedisServer, startRedis } from '../../test/support/redis-server.ts'
import { HOST } from './servers.ts'

const MAIN = path.resolve(import.meta.dirname, '../../packages/cli/src/main.ts')

export interface Service extends AsyncDisposable {
  readonly url: string
  readonly client: ApiClient
  /** Whether there is a queue apart from the database, which can lose everything. */
  readonly queue: 'Redis' | 'PostgreSQL'
  /** Kills the worker (SIGKILL); the service starts another. The number of the process. */
  killWorker(): number
  /** Everything in Redis is gone. */
  wipeQueue(): Promise<void>
}

/** Throws when it does not start. */
export async function startService(): Promise<Service> {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-demo-'))
  // PostgreSQL does not run as root: its account has to get in.
  chmodSync(folder, 0o755)
  const redis = hasRedis() ? await startRedis() : null
  const port = await freePort()
  const key = `ptl_${randomBytes(8).toString('hex')}_${randomBytes(32).toString('base64url')}`
  const up = spawn(process.execPath, [MAIN, 'up'], {
    env: { ...process.env, ...settings(folder, redis), PORT: String(port), PORTOLAN_BOOTSTRAP_KEY: key },
    stdio: ['ignore', 'pipe', 'ignore'],
    // A Ctrl-C is for the demonstration, which then stops the service.
    detached: true,
  })
  const stop = async () => {
    if (up.exitCode === null && up.signalCode === null) {
      up.kill('SIGTERM')
      await once(up, 'exit')
    }
    await redis?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  if (!(await isReady(up.stdout))) {
    await stop()
    throw new Error('the service does not start')
  }
  const url = `http://${HOST}:${port}`
  return {
    url,
    client: createClient({ url, key }),
    queue: redis === null ? 'PostgreSQL' : 'Redis',
    killWorker: () => killWorkerOf(up.pid ?? 0),
    async wipeQueue() {
      if (redis !== null) await flush(redis)
    },
    [Symbol.asyncDispose]: stop,
  }
}

function hasRedis(): boolean {
  return ['redis-server', 'valkey-server'].some((name) => spawnSync(name, ['--version']).status === 0)
}

const settings = (folder: string, redis: RedisServer | null) => ({
  PORTOLAN_DATA_DIR: folder,
  // Notifications do not go to loopback unless they are told to.
  PORTOLAN_NOTIFY_NETWORKS: '127.0.0.0/8',
  // A dead worker is given up after a second, so that nobody has to wait for that here.
  PORTOLAN_LEASE_MS: '1000',
  ...(redis !== null && { QUEUE_URL: redis.url }),
})

async function isReady(output: AsyncIterable<Buffer>): Promise<boolean> {
  let told = ''
  for await (const part of output) {
    told += part
    if (told.includes('Ctrl-C')) return true
  }
  return false
}

function killWorkerOf(parent: number): number {
  const { stdout } = spawnSync('ps', ['-Ao', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const rows = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
  const worker = rows.find(([, , ppid, command]) => Number(ppid) === parent && /worker\/\S*main\./.test(command ?? ''))
  if (worker === undefined) throw new Error('there is no worker to kill')
  process.kill(Number(worker[1]), 'SIGKILL')
  return Number(worker[1])
}

async function flush({ url }: RedisServer): Promise<void> {
  const socket = connect(Number(new URL(url).port), HOST)
  socket.write('FLUSHALL\r\n')
  await once(socket, 'data')
  socket.destroy()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}
