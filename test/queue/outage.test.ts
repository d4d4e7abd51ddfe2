import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { QueueUnavailable } from '@portolan/queue/job-queue.ts'
import { openQueues, type Queues } from '@portolan/queue/queues.ts'
import { expect, test, vi } from 'vitest'
import { startRedis } from '#test/support/redis-server.ts'

/** A producer does not hang while its store is away, and both sides go on by themselves when it is back. */
async function survives(queues: Queues, stop: () => Promise<void>, start: () => Promise<unknown>): Promise<void> {
  const seen: string[] = []
  queues.worker('steady', async ({ id }) => void seen.push(id))
  await queues.queue('steady').add({ name: 'job', id: 'before', data: {} })
  await vi.waitFor(() => expect(seen).toEqual(['before']), { timeout: 8_000 })
  await stop()
  const begun = performance.now()
  // One queue that was in use before, one that is first used while the store is down.
  for (const name of ['steady', 'new'])
    await expect(queues.queue(name).add({ name: 'job', id: 'during', data: {} })).rejects.toThrow(QueueUnavailable)
  expect(performance.now() - begun).toBeLessThan(6_000)
  await start()
  for (const name of ['steady', 'new'])
    await vi.waitFor(() => queues.queue(name).add({ name: 'job', id: 'after', data: {} }), { timeout: 8_000 })
  await vi.waitFor(() => expect(seen).toContain('after'), { timeout: 8_000 })
}

test('Redis goes away and comes back', async () => {
  let redis = await startRedis()
  const port = Number(new URL(redis.url).port)
  const queues = openQueues(redis.url, { timeout: 1_000 })
  try {
    await survives(
      queues,
      () => redis.stop(),
      async () => {
        redis = await startRedis({ port })
      },
    )
  } finally {
    await queues.close()
    await redis.stop()
  }
})

test('PostgreSQL goes away and comes back', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-outage-'))
  chmodSync(folder, 0o755)
  let server = await startPostgres(folder, { port: 0 })
  const { port } = server
  const queues = openQueues(server.url, { timeout: 1_000 })
  try {
    await queues.migrate()
    await survives(
      queues,
      () => server.stop(),
      async () => {
        server = await startPostgres(folder, { port })
      },
    )
  } finally {
    await queues.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Tells every client that the database is going down (protocol 3, ErrorResponse). */
async function refusingServer() {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P03\0Mthe database system is shutting down\0\0')
  const head = Buffer.from('E\0\0\0\0')
  head.writeInt32BE(4 + fields.length, 1)
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', () => socket.end(Buffer.concat([head, fields])))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  // because a TCP server that listens has such an address
  return { port: (server.address() as AddressInfo).port, close: () => once(server.close(), 'close') }
}

/** A port of loopback where nothing listens. */
async function absentServer() {
  const { port, close } = await refusingServer()
  await close()
  return { port, close: async () => {} }
}

test.each([
  ['refuses it', refusingServer],
  ['is not there', absentServer],
])(
  'a consumer that begins while PostgreSQL %s starves nobody, and works once it is up and migrated',
  async (_, begin) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'portolan-outage-'))
    chmodSync(folder, 0o755)
    const { url, stop } = await startPostgres(folder, { port: 0 })
    await stop()
    const away = await begin()
    const there = new URL(url)
    there.port = String(away.port)
    let errors = 0
    const queues = openQueues(there.href, { timeout: 1_000, onError: () => errors++ })
    const seen: string[] = []
    queues.worker('steady', async ({ id }) => void seen.push(id), { concurrency: 2 })
    await vi.waitFor(() => expect(errors).toBeGreaterThan(0), { timeout: 30_000 })
    await away.close()
    const server = await startPostgres(folder, { port: away.port })
    try {
      // Long enough for the consumer to meet a database without the tables of the queue.
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      await vi.waitFor(() => queues.migrate(), { timeout: 30_000 })
      await vi.waitFor(() => queues.queue('steady').add({ name: 'job', id: 'after', data: {} }), { timeout: 30_000 })
      await vi.waitFor(() => expect(seen).toEqual(['after']), { timeout: 30_000 })
    } finally {
      await queues.close()
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
  120_000,
)
