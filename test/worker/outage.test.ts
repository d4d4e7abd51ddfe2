/** Database and queue go away in the middle of a scan, and come back. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '@portolan/db/migrate.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { afterEach, expect, test, vi } from 'vitest'
import { startRedis } from '#test/support/redis-server.ts'
import { type Harness, LEASE, NET, openHarness } from './harness.ts'

const LISTENERS = [`${NET}.1:20100`, `${NET}.2:20700`]
const stops: (() => unknown)[] = []
let harness: Harness
// Every test starts processes or waits for a scan, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 })
afterEach(async () => {
  await harness.close()
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function scanDisturbedBy(disturb: () => Promise<void>): Promise<void> {
  await harness.listen(LISTENERS)
  await harness.worker()
  const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.3`]], ports: '{[20000,20999]}', rate: 1_500 })
  await vi.waitFor(async () => expect(await harness.probed(scan)).toBeGreaterThan(200), {
    timeout: 10_000,
    interval: 10,
  })
  await disturb()
  expect(await harness.until(scan, 'completed', 'partial', 'failed')).toMatchObject({
    status: 'completed',
    summary: { probed: 3_000, open: 2, closed: 2_998 },
  })
  expect(await harness.found(scan)).toEqual(LISTENERS)
}

test('PostgreSQL restarts, as database and as queue', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-worker-'))
  chmodSync(folder, 0o755)
  let server = await startPostgres(folder, { port: 0 })
  stops.push(
    () => rmSync(folder, { recursive: true, force: true }),
    () => server.stop(),
  )
  await migrate(server.url)
  harness = await openHarness(server.url, server.url)
  await scanDisturbedBy(async () => {
    const { port } = server
    await server.stop()
    // Long enough for every lease to run out.
    await sleep(LEASE * 1.2)
    server = await startPostgres(folder, { port })
  })
})

test('Redis is killed and comes back empty', async () => {
  let redis = await startRedis()
  stops.push(() => redis.stop())
  harness = await openHarness(redis.url)
  await scanDisturbedBy(async () => {
    const port = Number(new URL(redis.url).port)
    process.kill(redis.pid, 'SIGKILL')
    await redis.stop()
    await sleep(300)
    redis = await startRedis({ port })
  })
})
