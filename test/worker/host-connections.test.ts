import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

const HOST = `${NET}.9`
const PORTS = 40
const MOST = 8
/** Milliseconds: the engine lets go of what it has found at once, an examination waits for an answer. */
const HELD = 400

let harness: Harness
const stops: (() => unknown)[] = []
afterEach(async () => {
  await harness.close()
  for (const stop of stops.splice(0)) stop()
})

/** Ports that take connections and say nothing; how many connections are held now. */
async function silentHost(): Promise<() => number> {
  const since = new Map<Socket, number>()
  for (let port = 20_000; port < 20_000 + PORTS; port++) {
    const server = createServer((socket) => {
      since.set(socket, performance.now())
      socket.on('error', () => {}).on('close', () => since.delete(socket))
      socket.resume()
    }).listen(port, HOST)
    await once(server, 'listening')
    stops.push(() => server.close())
  }
  return () => [...since.values()].filter((at) => performance.now() - at > HELD).length
}

/** Resolves when every worker has given one from now on. */
async function signsOfLife(): Promise<void> {
  const { rows } = await harness.db.query('SELECT now() AS began')
  await vi.waitFor(
    async () => {
      const late = await harness.db.query('SELECT FROM workers WHERE heartbeat_at <= $1', [rows[0].began])
      expect(late.rowCount).toBe(0)
    },
    { timeout: 20_000, interval: 50 },
  )
}

test('one host gets no more connections than it bears, from all workers, scans and ways of looking together', async () => {
  const held = await silentHost()
  harness = await openHarness((await testQueueUrls())[1]?.url ?? '')
  for (let i = 0; i < 2; i++) await harness.worker({ hostConnections: MOST, slots: 2 })
  // After the second sign of life each has acted on the first, and knows of the other.
  await signsOfLife()
  await signsOfLife()
  for (const services of ['light', 'default'] as const)
    for (let i = 0; i < 2; i++) await harness.scan({ targets: [[HOST, HOST]], ports: '{[20000,20039]}', services })
  await vi.waitFor(() => expect(held()).toBeGreaterThanOrEqual(MOST - 2), { timeout: 20_000, interval: 20 })
  let peak = 0
  for (let i = 0; i < 100; i++) {
    peak = Math.max(peak, held())
    await sleep(20)
  }
  expect(peak).toBeLessThanOrEqual(MOST)
  await harness.db.query("UPDATE scans SET wanted = 'cancel'")
}, 120_000)
