/** Every component is restarted, one after the other, while a scan runs: as an upgrade does it. */
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { type Backend, Installation, KEY } from './installation.ts'

const ADDRESSES = ['127.77.5.1', '127.77.5.2', '127.77.5.3', '127.77.5.4']
const OPEN = ['127.77.5.1:20100', '127.77.5.1:20900', '127.77.5.2:20500', '127.77.5.3:20007', '127.77.5.4:20990']
const SCAN = { targets: ['127.77.5.1-4'], ports: '20000-20999', engine: 'connect', services: 'light' }
const PROBES = ADDRESSES.length * 1_000

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

async function listen(endpoint: string): Promise<void> {
  const [host, port] = endpoint.split(':')
  const server = createServer((socket) => {
    socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2p1\r\n')
  }).listen(Number(port), host)
  await once(server, 'listening')
  stops.push(() => server.close())
}

async function install(backend: Backend): Promise<Installation> {
  const folder = await mkdtemp(path.join(tmpdir(), 'portolan-rolling-'))
  // The database server runs as somebody else when we are root.
  await chmod(folder, 0o755)
  const ports = { api: await freePort(), postgres: await freePort(), redis: await freePort() }
  const installation = new Installation(folder, backend, ports)
  stops.push(
    () => rm(folder, { recursive: true, force: true }),
    () => installation.close(),
  )
  await installation.start(2)
  return installation
}

type ScanNow = {
  readonly id: string
  readonly status: string
  readonly progress: { readonly probesDone: number }
  readonly summary: Readonly<Record<string, unknown>>
}
type Page = { readonly items: readonly Readonly<Record<string, unknown>>[] }

/** Asked again while the API is away. */
async function call<T = ScanNow>(all: Installation, method: string, route: string, body?: object): Promise<T> {
  const headers = { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' }
  for (let tries = 0; ; tries++) {
    const sent = { method, headers, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`${all.url}${route}`, sent).catch(() => null)
    // because every route asked here answers with what its caller says
    if (response?.ok) return (await response.json()) as T
    if (tries > 100 || (response && response.status < 500)) throw new Error(`${route}: ${await response?.text()}`)
    await sleep(100)
  }
}

const progressed = (all: Installation, scan: string, probes: number) =>
  vi.waitFor(
    async () => {
      const { status, progress } = await call(all, 'GET', `/v1/scans/${scan}`)
      expect(status).toBe('running')
      expect(progress.probesDone).toBeGreaterThanOrEqual(probes)
      return progress.probesDone
    },
    { timeout: 30_000, interval: 50 },
  )

/** What it found and counted; whatever depends on the moment left out. */
async function outcome(all: Installation, scan: string) {
  const ended = await vi.waitFor(
    async () => {
      const now = await call(all, 'GET', `/v1/scans/${scan}`)
      expect(['completed', 'partial', 'failed']).toContain(now.status)
      return now
    },
    { timeout: 60_000, interval: 100 },
  )
  const { items } = await call<Page>(all, 'GET', `/v1/scans/${scan}/results`)
  const { probed, open, closed, filtered, gaps } = ended.summary
  const endpoints = items.map((item) => [item.ip, item.port, item.state, item.service])
  return { status: ended.status, summary: { probed, open, closed, filtered, gaps }, endpoints }
}

test.each(['redis', 'postgres'] as const)(
  'with the queue on %s a scan during which everything is restarted finds what an undisturbed one does',
  async (backend) => {
    for (const endpoint of OPEN) await listen(endpoint)
    const all = await install(backend)
    const undisturbed = await outcome(all, (await call(all, 'POST', '/v1/scans', SCAN)).id)
    expect(undisturbed).toMatchObject({
      status: 'completed',
      summary: { probed: PROBES, open: OPEN.length, closed: PROBES - OPEN.length, gaps: [] },
    })
    // Slow enough to last for all of them; what is left then goes quickly.
    const { id } = await call(all, 'POST', '/v1/scans', { ...SCAN, rate: 60 })
    const restarts = [
      ...all.workers.map((worker) => () => all.strike(worker, 'SIGTERM', 100)),
      () => all.strike(all.api, 'SIGTERM', 100),
      () => all.restartRedis(),
      () => all.restartPostgres(),
    ]
    let done = 0
    for (const restart of restarts) {
      done = await progressed(all, id, done + 20)
      await restart()
    }
    await progressed(all, id, done + 20)
    await call(all, 'PATCH', `/v1/scans/${id}`, { rate: null })
    expect(await outcome(all, id)).toEqual(undisturbed)
    expect((await call<Page>(all, 'GET', '/v1/changes')).items).toEqual([])
  },
  180_000,
)
