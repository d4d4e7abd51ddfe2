/**
 * Does what the README says first: `npm start`, the scan it prints, the results, Ctrl-C. Against real listeners, in a
 * data directory of its own; run by CI as `npm run smoke`. Ends with 1 and the reason when anything is not as promised.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis } from '../support/redis-server.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const directory = mkdtempSync(path.join(tmpdir(), 'portolan-smoke-'))
chmodSync(directory, 0o755)

/** What has to be found, by port. */
const expected = new Map<number, { readonly service: string; readonly product?: string }>()
const servers: Server[] = []
const redis = await startRedis()
expected.set(portOf(redis.url), { service: 'redis' })
expected.set(await listen(createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.9p2\r\n'))), {
  service: 'ssh',
  product: 'OpenSSH',
})
const web = createHttpServer((_, response) => response.setHeader('Server', 'nginx/1.26.2').end('hello'))
expected.set(await listen(web), { service: 'http', product: 'nginx' })
expected.set(await listen(createServer((socket) => socket.end('220 mail.example ESMTP Postfix\r\n'))), {
  service: 'smtp',
  product: 'Postfix',
})
const [port, postgresPort] = [await freePort(), await freePort()]
expected.set(postgresPort, { service: 'postgresql', product: 'PostgreSQL' })
expected.set(port, { service: 'http' })

let service: ChildProcess | null = null
try {
  const begun = performance.now()
  service = start()
  const output = await readyOutput(service)
  const ready = performance.now() - begun
  // Told, not asserted: a machine that does something else as well takes longer. A start that hangs fails all the same.
  console.log(`ready after ${(ready / 1000).toFixed(1)} s`)
  const [, url = '', key = '', body = ''] =
    /curl -s (\S+)\/v1\/scans -H 'Authorization: Bearer (\S+)' \\\n.*-d '(.+)'/.exec(output) ?? []
  const api = client(url, key)

  const printed = await finished(api, await api.start(JSON.parse(body)))
  const chosen = await finished(api, await api.start({ targets: ['127.0.0.1'], ports: [...expected.keys()].join() }))
  const { items } = await api.results(chosen.id)
  console.table(items.map(row))
  judge(items)

  const family = familyOf(service.pid ?? 0)
  const stopping = performance.now()
  // As a terminal does it: to everybody in the foreground.
  process.kill(-(service.pid ?? 0), 'SIGINT')
  await once(service, 'exit')
  const stop = performance.now() - stopping
  await sleep(100)
  const left = family.filter((pid) => existsSync(`/proc/${pid}`))
  assert.deepEqual(left.map(commandOf), [], 'processes are left behind')
  console.log(
    JSON.stringify({
      readyMs: Math.round(ready),
      stopMs: Math.round(stop),
      first: printed.summary,
      chosen: chosen.summary,
    }),
  )
} finally {
  if (service !== null && service.exitCode === null && service.signalCode === null)
    process.kill(-(service.pid ?? 0), 'SIGKILL')
  await redis.stop()
  for (const server of servers) server.close()
  rmSync(directory, { recursive: true, force: true })
}

function start(): ChildProcess {
  const env = {
    ...process.env,
    PORT: String(port),
    PORTOLAN_DATA_DIR: directory,
    PORTOLAN_POSTGRES_PORT: String(postgresPort),
  }
  return spawn('npm', ['start'], { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
}

async function readyOutput(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const part of child.stdout ?? []) {
    text += part
    if (text.includes('Ctrl-C')) return text
  }
  throw new Error(`npm start ended without being ready:\n${text}`)
}

type Scan = {
  readonly id: string
  readonly status: string
  readonly statusReason: string | null
  readonly summary: unknown
}
type Api = ReturnType<typeof client>

function client(url: string, key: string) {
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
  const ask = async (route: string, init: RequestInit) => {
    const response = await fetch(url + route, { ...init, headers })
    assert(response.ok, `${route}: ${response.status} ${response.ok ? '' : await response.text()}`)
    return response.json()
  }
  return {
    // because what the API answers is checked by its own tests
    scan: (id: string) => ask(`/v1/scans/${id}`, {}) as Promise<Scan>,
    // because of the same
    results: (id: string) => ask(`/v1/scans/${id}/results`, {}) as Promise<{ readonly items: readonly Result[] }>,
    // because of the same
    start: (body: unknown) => ask('/v1/scans', { method: 'POST', body: JSON.stringify(body) }) as Promise<Scan>,
  }
}

async function finished(api: Api, { id }: Scan): Promise<Scan> {
  for (let waited = 0; waited < 120_000; waited += 100) {
    const now = await api.scan(id)
    if (['completed', 'partial', 'failed', 'cancelled'].includes(now.status)) {
      assert.equal(now.status, 'completed', now.statusReason ?? undefined)
      return now
    }
    await sleep(100)
  }
  throw new Error(`the scan ${id} does not end`)
}

type Result = {
  readonly port: number
  readonly state: string
  readonly service: { readonly name: string; readonly product: string | null; readonly version: string | null } | null
}

function row({ port, state, service }: Result) {
  return { port, state, service: service?.name, product: service?.product, version: service?.version }
}

function judge(items: readonly Result[]): void {
  assert.deepEqual(items.map((item) => item.port).sort(), [...expected.keys()].sort(), 'every listener is found, once')
  for (const { port, state, service } of items) {
    const wanted = expected.get(port)
    assert.equal(state, 'open')
    assert.equal(service?.name, wanted?.service, `what runs on port ${port}`)
    assert(
      service?.product?.startsWith(wanted?.product ?? '') ?? wanted?.product === undefined,
      `the product on port ${port}`,
    )
  }
}

async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return addressOf(server)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const free = addressOf(server)
  server.close()
  await once(server, 'close')
  return free
}

function addressOf(server: Server): number {
  const address = server.address()
  assert(typeof address === 'object' && address !== null)
  return address.port
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

/** The process and all that descend from it. */
function familyOf(pid: number): readonly number[] {
  const parents = new Map<number, number>()
  if (existsSync('/proc/self')) {
    for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) parents.set(Number(name), parentOf(name))
  } else {
    const { stdout } = spawnSync('ps', ['-Ao', 'pid=,ppid='], { encoding: 'utf8' })
    for (const line of stdout.trim().split('\n')) {
      const [child = 0, parent = 0] = line.trim().split(/\s+/).map(Number)
      parents.set(child, parent)
    }
  }
  const family = [pid]
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child)
  return family
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return String(pid)
  }
}
