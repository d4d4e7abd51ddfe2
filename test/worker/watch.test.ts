/** The whole story: servers change under a schedule, and whoever is told hears of it once, in order. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createWebServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startRedis } from '#test/support/redis-server.ts'
import { testQueueUrls } from '#test/support/test-services.ts'
import { openTestApi, type TestApi } from '../api/test-api.ts'
import { type Harness, openHarness } from './harness.ts'
import { receiver } from './notify/receiver.ts'

const [, queue] = await testQueueUrls()
let harness: Harness
let api: TestApi
const stops: (() => unknown)[] = []
// Seven scans, one of them with a dead worker in between, on a machine that may be busy.
vi.setConfig({ testTimeout: 150_000 })
beforeEach(async () => {
  vi.stubEnv('PORTOLAN_NOTIFY_NETWORKS', '127.0.0.0/8')
  harness = await openHarness(queue?.url ?? '')
  api = await openTestApi({ databaseUrl: harness.url }, queue)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const stop of stops.splice(0).reverse()) await stop()
  await api.stop()
  await harness.close()
})

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((done) => server.close(done))
  })
  // because a server that listens on TCP has this kind of address
  return (server.address() as AddressInfo).port
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  // because a server that listens on TCP has this kind of address
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

const certificate = (name: string) => ({
  key: readFileSync(new URL(`../support/certificates/${name}.key`, import.meta.url)),
  cert: readFileSync(new URL(`../support/certificates/${name}.pem`, import.meta.url)),
})

async function post(path: string, body: unknown): Promise<void> {
  const reply = await api.send('POST', path, body)
  expect(reply.status, reply.text).toBe(201)
}

const scans = async (where: string) =>
  (await harness.db.query<{ n: number }>(`SELECT count(*)::int AS n FROM scans WHERE ${where}`)).rows[0]?.n ?? 0
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 100_000, interval: 50 })

/** Scans that began after now and have ended. */
async function endedSince(count: number): Promise<void> {
  const { rows } = await harness.db.query<{ now: string }>('SELECT now()::text AS now')
  const since = `status = 'completed' AND started_at > '${rows[0]?.now}'`
  await soon(async () => expect(await scans(since)).toBeGreaterThanOrEqual(count))
}

/** The worker dies in the middle of a scan, the queue loses all it has, and another worker comes. */
async function disturb(worker: Awaited<ReturnType<Harness['workerProcess']>>): Promise<void> {
  await soon(async () => expect(await scans("status = 'running'")).toBeGreaterThan(0))
  worker.kill('SIGKILL')
  const redis = new Redis(queue?.url ?? '')
  await redis.flushdb()
  await redis.quit()
  await harness.workerProcess()
}

test('a port opens, a version is upgraded, a certificate is replaced, a port closes: each is told once', async () => {
  let version = '8.4p1'
  const ssh = await listening(createServer((socket) => socket.write(`SSH-2.0-OpenSSH_${version}\r\n`)))
  const web = createWebServer(certificate('server'), (_, response) => response.end('hello'))
  const [https, redis] = [await listening(web), await freePort()]
  const { url, got } = await receiver()
  const told = () =>
    got.map(({ body }) => {
      const { type, data } = JSON.parse(body)
      return `${type} ${data.endpoint.port}`
    })
  await post('/v1/webhooks', { name: 'on-call', url, events: ['change.*', 'finding.*'] })
  const rules = [
    { id: 'ssh', effect: 'allow', ports: `${ssh}`, expect: { minVersion: '9.0' } },
    { id: 'web', effect: 'allow', ports: `${https}` },
  ]
  await post('/v1/policies', { name: 'all else shut', document: { otherwise: 'forbid', rules } })
  const worker = await harness.workerProcess()
  const scan = { targets: ['127.0.0.1'], ports: [ssh, https, redis].join(), engine: 'connect', services: 'light' }
  await post('/v1/schedules', { name: 'often', scan, everySeconds: 1 })

  const story: string[] = []
  const next = async (...events: readonly string[]) => {
    story.push(...events)
    await soon(() => expect(told()).toEqual(story))
  }
  // What the first scan finds is no change; that the version is too old is a finding.
  await next(`finding.opened ${ssh}`)
  const database = await startRedis({ port: redis })
  let running = true
  const close = async () => {
    if (running) await database.stop()
    running = false
  }
  stops.push(close)
  await next(`change.opened ${redis}`, `finding.opened ${redis}`)
  version = '9.9p1'
  await next(`change.version-changed ${ssh}`, `finding.resolved ${ssh}`)
  web.setSecureContext(certificate('expired'))
  await disturb(worker)
  await next(`change.certificate-changed ${https}`)
  await close()
  await next(`change.closed ${redis}`, `finding.resolved ${redis}`)
  await endedSince(2)
  expect(told()).toEqual(story)
  expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(story.length)
})
