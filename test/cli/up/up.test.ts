import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const RUN = fileURLToPath(new URL('./run.ts', import.meta.url))

let directory = ''
let port = 0
const started: ChildProcess[] = []

// Every test starts several processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 })

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'portolan-up-'))
  chmodSync(directory, 0o755)
  port = await freePort()
})
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await vi.waitFor(() => expect(processesOf(directory)).toEqual([]), { timeout: 10_000 })
  rmSync(directory, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}

type Up = { readonly child: ChildProcess; output(): string; errors(): string; readonly ended: Promise<number | null> }

function up(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Up {
  return run([process.execPath, RUN, ...args], env)
}

function run([program = '', ...args]: readonly string[], env: Readonly<Record<string, string>> = {}): Up {
  const child = spawn(program, args, {
    env: { ...process.env, PORT: String(port), PORTOLAN_DATA_DIR: directory, PORTOLAN_LEASE_MS: '1000', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  let output = ''
  let errors = ''
  child.stdout?.on('data', (text) => {
    output += text
  })
  child.stderr?.on('data', (text) => {
    errors += text
  })
  const ended = once(child, 'exit').then(([code]) => code)
  return { child, output: () => output, errors: () => errors, ended }
}

/** Resolves when it says that it is ready. */
const ready = ({ output, errors, child }: Up) =>
  vi.waitFor(
    () => {
      if (child.exitCode !== null) throw new Error(`ended: ${errors()}`)
      expect(output()).toContain('Ctrl-C')
    },
    { timeout: 20_000, interval: 20 },
  )

/** Command lines of processes that have the directory in their command line or environment. */
function processesOf(what: string): readonly string[] {
  if (!existsSync('/proc/self')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => `${read(`/proc/${pid}/environ`)}\0${read(`/proc/${pid}/cmdline`)}`.includes(what))
    .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const keyIn = (text: string) => /ptl_[\w-]+/.exec(text)?.[0] ?? ''

const api = (route: string, key: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${port}${route}`, {
    ...init,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
  })

test('starts, scans, stops without a trace, and starts again with everything kept', async () => {
  const first = up()
  await ready(first)
  const key = keyIn(first.output())
  // The line it prints is one that works.
  const curl = /curl -s \S+\/v1\/scans -H 'Authorization: Bearer (\S+)' \\\n.*-d '(.+)'/.exec(first.output())
  expect(curl?.[1]).toBe(key)
  expect(JSON.parse(curl?.[2] ?? '')).toEqual({ targets: ['127.0.0.1'] })
  const accepted = await api('/v1/scans', key, {
    method: 'POST',
    body: JSON.stringify({ targets: ['127.0.0.1'], ports: String(port), services: false }),
  })
  expect(accepted.status).toBe(202)
  const location = accepted.headers.get('location') ?? ''
  await vi.waitFor(async () => expect(await (await api(location, key)).json()).toMatchObject({ status: 'completed' }), {
    timeout: 10_000,
  })
  first.child.kill('SIGINT')
  expect(await first.ended).toBe(0)
  expect(processesOf(directory)).toEqual([])

  const second = up()
  await ready(second)
  expect(second.output()).not.toContain(key)
  expect(second.output()).toContain('--new-key')
  const results = await (await api(`${location}/results`, key)).json()
  expect(results).toMatchObject({ items: [{ ip: '127.0.0.1', port, state: 'open' }] })

  // Both at once: a third start on the same directory, and on the same port.
  const sameDirectory = up([], { PORT: String(await freePort()) })
  expect(await sameDirectory.ended).toBe(1)
  expect(sameDirectory.errors()).toMatch(new RegExp(`${directory} is in use by process ${second.child.pid}`))
  const samePort = up([], { PORTOLAN_DATA_DIR: path.join(directory, 'other') })
  expect(await samePort.ended).toBe(1)
  expect(samePort.errors()).toContain(`port ${port} on 127.0.0.1 is taken; set PORT to another one`)
  expect(existsSync(path.join(directory, 'other'))).toBe(false)

  second.child.kill('SIGTERM')
  expect(await second.ended).toBe(0)
})

test('kill -9 leaves nothing behind that keeps it from starting again; another key can be had', async () => {
  const first = up()
  await ready(first)
  const key = keyIn(first.output())
  first.child.kill('SIGKILL')
  await first.ended
  await vi.waitFor(() => expect(processesOf(directory)).toEqual([]), { timeout: 10_000 })
  const second = up(['--new-key'])
  await ready(second)
  const another = keyIn(second.output())
  expect(another).not.toBe(key)
  for (const known of [key, another]) expect((await api('/v1/scans', known)).status).toBe(200)
})

test('a worker that is killed is started again, and the scan it was at is finished', async () => {
  const service = up()
  await ready(service)
  const key = keyIn(service.output())
  const accepted = await api('/v1/scans', key, {
    method: 'POST',
    body: JSON.stringify({ targets: ['127.0.0.1'], ports: `20000-21999,${port}`, rate: 1000, services: false }),
  })
  const location = accepted.headers.get('location') ?? ''
  const scan = async () => (await api(location, key)).json()
  await vi.waitFor(async () => expect(await scan()).toMatchObject({ status: 'running' }), { timeout: 10_000 })
  await sleep(500)
  const [worker] = readdirSync('/proc').filter(
    (pid) =>
      /worker\/src\/main\.ts/.test(read(`/proc/${pid}/cmdline`)) && read(`/proc/${pid}/environ`).includes(directory),
  )
  process.kill(Number(worker), 'SIGKILL')
  await vi.waitFor(
    async () => expect(await scan()).toMatchObject({ status: 'completed', progress: { probesDone: 2001 } }),
    { timeout: 20_000 },
  )
  expect(service.errors()).toContain('the worker ended (SIGKILL) and is started again')
})

test('wrong settings are named', async () => {
  const wrong = up([], { PORT: 'http' })
  expect(await wrong.ended).toBe(1)
  expect(wrong.errors()).toMatch(/^portolan: PORT: /)
})

test('a Ctrl-C while it starts stops what is there already', async () => {
  const early = up()
  await vi.waitFor(() => expect(existsSync(path.join(directory, 'postgres'))).toBe(true), { timeout: 10_000 })
  await sleep(200)
  early.child.kill('SIGINT')
  expect(await early.ended).toBe(0)
  expect(processesOf(directory)).toEqual([])
})

test('as npm starts it, it ends with the shell between, which passes no signal on', async () => {
  const shell = run(['sh', '-c', `'${process.execPath}' '${RUN}'; exit $?`], { npm_lifecycle_event: 'start' })
  await ready(shell)
  shell.child.kill('SIGTERM')
  await shell.ended
  await vi.waitFor(() => expect(processesOf(directory)).toEqual([]), { timeout: 20_000 })
})
