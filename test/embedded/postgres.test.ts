import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { dataDirectory } from '@portolan/embedded/data-directory.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'

// Each test makes a database cluster, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 })

const isRoot = process.getuid?.() === 0
const temporary: string[] = []
const processes: ChildProcess[] = []

afterEach(async () => {
  for (const child of processes.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  for (const folder of temporary.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function folder(parent = tmpdir()): string {
  const made = mkdtempSync(path.join(parent, 'portolan-embedded-'))
  chmodSync(made, 0o755)
  temporary.push(made)
  return realpathSync(made)
}

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  // The server may go between the answer and the goodbye.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

type Started = { readonly child: ChildProcess; readonly url: string; readonly port: number }

/** Another process that holds the server, for everything that ends with a kill. */
async function startElsewhere(
  directory: string,
  options: { uid?: number; gid?: number; port?: number } = {},
): Promise<Started> {
  const script = fileURLToPath(new URL('./start.ts', import.meta.url))
  const { port = 0, ...account } = options
  const child = spawn(process.execPath, [script, directory, String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
  })
  processes.push(child)
  let errors = ''
  child.stderr?.on('data', (text) => {
    errors += text
  })
  const [line] = await Promise.race([
    once(child.stdout ?? child, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error(errors))),
  ])
  return { child, ...JSON.parse(String(line)) }
}

const isOpen = (url: string) =>
  query(url, 'select 1').then(
    () => true,
    () => false,
  )

const postmasterPid = (directory: string) =>
  Number(readFileSync(path.join(directory, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])

test('keeps the data from one start to the next and asks for the password', async () => {
  const directory = folder()
  const first = await startPostgres(directory)
  await query(first.url, 'create table kept as select 42 as answer')
  await first.stop()
  await first.exited
  const second = await startPostgres(directory)
  try {
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }])
    const [, password = ''] = /:([^:@]+)@/.exec(second.url) ?? []
    await expect(query(second.url.replace(password, 'wrong'), 'select 1')).rejects.toThrow(/password/)
    if (isRoot) expect(await query(second.url, "select current_setting('is_superuser') as it")).toEqual([{ it: 'on' }])
  } finally {
    await second.stop()
  }
  expect(await isOpen(second.url)).toBe(false)
})

test('takes another port when the wanted one is busy', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const busy = typeof address === 'object' && address !== null ? address.port : 0
  const server = await startPostgres(folder(), { port: busy })
  try {
    expect(server.port).not.toBe(busy)
    expect(await isOpen(server.url)).toBe(true)
  } finally {
    await server.stop()
    other.close()
  }
})

test('does not outlive the process that started it, not even after kill -9, and starts again', async () => {
  const directory = folder()
  const { child, url } = await startElsewhere(directory)
  await query(url, 'create table kept as select 1 as one')
  const pid = postmasterPid(directory)
  child.kill('SIGKILL')
  await once(child, 'exit')
  // At once: the server may still be on its way down.
  const again = await startElsewhere(directory)
  expect(postmasterPid(directory)).not.toBe(pid)
  expect(await query(again.url, 'select one from kept')).toEqual([{ one: 1 }])
  again.child.kill('SIGKILL')
  for (let i = 0; i < 200 && (await isOpen(again.url)); i++) await sleep(20)
  expect(await isOpen(again.url)).toBe(false)
})

test.runIf(process.platform === 'linux')(
  'what was committed is kept, though the server was killed in the middle of it',
  async () => {
    const home = folder()
    const server = await startPostgres(home, { port: 0 })
    await query(server.url, 'CREATE TABLE kept (n int)')
    const client = new pg.Client({ connectionString: server.url })
    client.on('error', () => {})
    await client.connect()
    // It looks at nothing else while it counts, so it does not notice that its server is gone.
    const counting = 'SELECT count(*) FROM generate_series(1, 10000000)'
    const committed = client.query(`BEGIN; INSERT INTO kept VALUES (1); ${counting}; COMMIT`).then(
      () => true,
      () => false,
    )
    const [pid] = readFileSync(path.join(home, 'postgres', 'postmaster.pid'), 'utf8').split('\n')
    await sleep(300)
    process.kill(Number(pid), 'SIGKILL')
    await server.exited
    const again = await startPostgres(home, { port: 0 })
    try {
      const rows = (await committed) ? [{ n: 1 }] : []
      expect(await query(again.url, 'SELECT n FROM kept')).toEqual(rows)
    } finally {
      await again.stop()
    }
  },
)

test('a pid file left by a power cut does not stop it, even when the number is now somebody else’s', async () => {
  const directory = folder()
  const server = await startPostgres(directory)
  const pidFile = path.join(directory, 'postgres/postmaster.pid')
  const left = readFileSync(pidFile, 'utf8')
  await server.stop()
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...(isRoot ? { uid: 65534, gid: 65534 } : {}) })
  processes.push(stranger)
  writeFileSync(pidFile, left.replace(/^\d+/, String(stranger.pid)))
  const again = await startPostgres(directory)
  expect(await isOpen(again.url)).toBe(true)
  await again.stop()
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
})

test('an initialisation that was cut short is made again', async () => {
  const directory = folder()
  const server = await startPostgres(directory)
  await server.stop()
  renameSync(path.join(directory, 'postgres'), path.join(directory, 'postgres.new'))
  const again = await startPostgres(directory)
  expect(await isOpen(again.url)).toBe(true)
  await again.stop()
})

test('says which version made the data when it is another one', async () => {
  const directory = folder()
  await (await startPostgres(directory)).stop()
  writeFileSync(path.join(directory, 'postgres/PG_VERSION'), '15\n')
  await expect(startPostgres(directory)).rejects.toThrow(/made by PostgreSQL 15; this is PostgreSQL 18/)
})

test.runIf(isRoot)('runs as an ordinary user', async () => {
  const directory = folder()
  chownSync(directory, 65534, 65534)
  const { url, child } = await startElsewhere(directory, { uid: 65534, gid: 65534 })
  expect(await isOpen(url)).toBe(true)
  child.kill('SIGTERM')
  await once(child, 'exit')
  // And root goes on with what the user began, under the user's account.
  const server = await startPostgres(directory)
  expect(await isOpen(server.url)).toBe(true)
  await server.stop()
})

test.runIf(isRoot)('a place the server account cannot enter is refused, or left for another', () => {
  const secret = folder()
  chmodSync(secret, 0o700)
  const inside = path.join(secret, 'data')
  expect(() => dataDirectory(inside)).toThrow(/cannot be entered by postgres|cannot be entered by nobody/)
  const elsewhere = path.join(folder(), 'elsewhere')
  const before = process.cwd()
  process.chdir(secret)
  try {
    expect(dataDirectory(undefined, { elsewhere })).toMatchObject({
      path: elsewhere,
      note: expect.stringContaining('cannot be entered'),
    })
  } finally {
    process.chdir(before)
  }
})
