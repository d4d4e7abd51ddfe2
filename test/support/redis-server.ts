import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RedisServer {
  readonly url: string
  /** For tests that are about what happens when it is killed. */
  readonly pid: number
  stop(): Promise<void>
}

/** Ends the server when our end of the pipe closes, also because this process was killed. */
const TETHER = '"$@" </dev/null & server=$!; read -r _; kill $server 2>&-; wait $server'

/** A server of its own on 127.0.0.1, without persistence, its folder removed when it stops. Same port: pass `port`. */
export async function startRedis({ port = 0 }: { readonly port?: number } = {}): Promise<RedisServer> {
  const program = findProgram()
  const chosen = port === 0 ? await freePort() : port
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-redis-'))
  const pidFile = path.join(folder, 'pid')
  const settings = { bind: '127.0.0.1', port: chosen, save: '', dir: folder, pidfile: pidFile, databases: 4096 }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const shell = spawn('sh', ['-c', TETHER, 'sh', program, ...args], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = once(shell, 'exit')
  const stop = async () => {
    shell.stdin.destroy()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  for (let waited = 0; waited < 10_000; waited += 10) {
    if (await answers(chosen)) {
      return { url: `redis://127.0.0.1:${chosen}`, pid: Number(await readFile(pidFile, 'utf8')), stop }
    }
    await sleep(10)
  }
  await stop()
  throw new Error(`${program} does not answer on port ${chosen}`)
}

/** Tests that need Redis fail without it; on Debian and as root it is installed, once. */
function findProgram(): string {
  const found = onPath()
  if (found !== undefined) return found
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore' })
    spawnSync('apt-get', ['install', '-qy', '--no-install-recommends', 'redis-server'], { stdio: 'ignore' })
  }
  const installed = onPath()
  if (installed !== undefined) return installed
  throw new Error(
    'The tests need redis-server or valkey-server on the PATH. Debian, Ubuntu: apt-get install redis-server',
  )
}

const onPath = () => ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0)

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [reply] = await once(socket, 'data')
    return String(reply).startsWith('+PONG')
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
