import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Account, runAs, serverAccount } from './account.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { clearOrphan, type Postmaster, readPostmaster } from './postmaster.ts'

export interface EmbeddedPostgres {
  /** With user and password. */
  readonly url: string
  readonly port: number
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<void>
  /** Disconnects everybody, writes what is to be written, and waits for the end. */
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Taken when it is free, else any other, so that the server is found on the same port after a restart. */
  readonly port?: number
  /** `name=value`, as in postgresql.conf, for this start. */
  readonly settings?: readonly string[]
}

/** Major version of the data directories this launcher makes and understands. */
const MAJOR = '18'
const USER = 'portolan'

/**
 * Keeps the server tied to us by the standard input of this shell: when we close it, or die in whatever way, the
 * server gets its "fast shutdown" signal. In its own session, so a Ctrl-C meant for us does not reach it first.
 */
const TETHER = `exec 3<&0 </dev/null
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -INT $server; } & tether=$!
wait $server; code=$?
kill $tether 2>&-
exit $code`

/**
 * Starts PostgreSQL on 127.0.0.1 with its data in `directory`, made at the first call. The caller holds the directory
 * (directory-lock.ts). Throws with the server's own words when it does not start.
 */
export async function startPostgres(
  directory: string,
  { port = 55_432, settings = [] }: PostgresOptions = {},
): Promise<EmbeddedPostgres> {
  mkdirSync(directory, { recursive: true })
  const root = realpathSync(directory)
  const data = path.join(root, 'postgres')
  const account = serverAccount(data)
  const binaries = findBinaries(account, root)
  const password = secret(path.join(root, 'postgres.secret'))
  if (existsSync(data)) {
    const major = readFileSync(path.join(data, 'PG_VERSION'), 'utf8').trim()
    if (major !== MAJOR) throw new Error(`${data} was made by PostgreSQL ${major}; this is PostgreSQL ${MAJOR}`)
    await clearOrphan(data)
  } else {
    initialise(binaries, account, { data, password })
  }
  const log = path.join(root, 'postgres.log')
  const begin = async (wanted: number) => {
    const chosen = await freePort(wanted)
    const before = readPostmaster(data)
    const shell = launch(binaries, account, { data, port: chosen, log, settings })
    await ready(shell, { data, log, before })
    return { chosen, shell }
  }
  // Somebody may take the port between our look and the server's.
  const { chosen, shell } = await begin(port).catch((error: unknown) => {
    if (!String(error).includes('Address already in use')) throw error
    return begin(0)
  })
  return {
    url: `postgres://${USER}:${password}@127.0.0.1:${chosen}/postgres`,
    port: chosen,
    exited: once(shell, 'exit').then(() => {}),
    stop: () => stop(shell, data),
  }
}

function secret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}

type Cluster = { readonly data: string; readonly password: string }

/** Made under another name first: an initialisation that was cut short leaves nothing that looks like a database. */
function initialise(binaries: Binaries, account: Account | null, { data, password }: Cluster): void {
  const draft = `${data}.new`
  const passwordFile = `${data}.password`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (account !== null) for (const file of [draft, passwordFile]) chownSync(file, account.uid, account.gid)
  const options = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', `--pwfile=${passwordFile}`, '--no-sync']
  const result = runAs(account, binaries.initdb, [`--pgdata=${draft}`, `--username=${USER}`, ...options])
  rmSync(passwordFile)
  if (result.status !== 0) throw new Error(`initdb failed: ${result.error?.message ?? result.stderr}`)
  renameSync(draft, data)
}

type Run = {
  readonly data: string
  readonly port: number
  readonly log: string
  readonly settings: readonly string[]
}

function launch(binaries: Binaries, account: Account | null, { data, port, log, settings }: Run): ChildProcess {
  const ours = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'log_timezone=UTC']
  const args = ['-D', data, '-p', String(port), ...[...settings, ...ours].flatMap((s) => ['-c', s])]
  const out = openSync(log, 'w', 0o600)
  const shell = spawn('sh', ['-c', TETHER, 'sh', binaries.postgres, ...args], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', out, out],
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  })
  closeSync(out)
  shell.on('error', () => {})
  return shell
}

type Awaited = { readonly data: string; readonly log: string; readonly before: Postmaster | null }

/** `before`: what a server that was killed has left there. */
async function ready(shell: ChildProcess, { data, log, before }: Awaited): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 15) {
    const now = readPostmaster(data)
    if (now?.ready && (now.pid !== before?.pid || now.started !== before.started)) return
    if (shell.exitCode !== null || shell.pid === undefined) break
    await sleep(15)
  }
  shell.stdin?.destroy()
  throw new Error(`PostgreSQL does not start:\n${readFileSync(log, 'utf8').split('\n').slice(-8).join('\n')}`)
}

async function stop(shell: ChildProcess, data: string): Promise<void> {
  if (shell.exitCode !== null || shell.signalCode !== null) return
  const ended = once(shell, 'exit')
  shell.stdin?.destroy()
  const timer = setTimeout(() => {
    const pid = readPostmaster(data)?.pid
    if (pid !== undefined) process.kill(pid, 'SIGQUIT')
  }, 10_000)
  await ended
  clearTimeout(timer)
}

/** `wanted` when nothing listens there, else one the kernel picks. */
async function freePort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const server = createServer()
    const bound = await new Promise<boolean>((done) => {
      server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true))
    })
    const address = server.address()
    if (!bound || address === null || typeof address === 'string') continue
    await new Promise((done) => server.close(done))
    return address.port
  }
  throw new Error('no free port on 127.0.0.1 for PostgreSQL')
}
