import { setTimeout as sleep } from 'node:timers/promises'
import { createScanGate } from '@portolan/worker/scan-gate.ts'
import { afterEach, expect, test } from 'vitest'
import { emptyDatabase } from '#test/support/test-services.ts'
import { type Harness, openHarness } from './harness.ts'

let harness: Harness
afterEach(() => harness.close())

type Grant = { readonly at: number; readonly count: number }

/** As many senders as there would be shards, each taking what it gets. */
async function send(scan: string, senders: number, signal: AbortSignal): Promise<readonly Grant[]> {
  const grants: Grant[] = []
  const sender = async () => {
    const gate = createScanGate(harness.db, scan)
    while (!signal.aborted) {
      const count = await gate.take(500, signal).catch(() => 0)
      grants.push({ at: performance.now(), count })
    }
  }
  await Promise.all(Array.from({ length: senders }, sender))
  return grants
}

const between = (grants: readonly Grant[], from: number, to: number) =>
  grants.filter(({ at }) => at >= from && at < to).reduce((sum, { count }) => sum + count, 0)

test('all senders together keep to the rate, in every second, and use it', async () => {
  harness = await openHarness(await emptyDatabase())
  const scan = await harness.scan({ targets: [['127.0.0.1', '127.0.0.1']], ports: '{[1,1]}', rate: 2_000 })
  const begun = performance.now()
  const grants = await send(scan, 6, AbortSignal.timeout(2_000))
  const fastest = Math.max(...grants.map(({ at }) => between(grants, at, at + 1_000)))
  expect(fastest).toBeLessThanOrEqual(2_000 * 1.05)
  expect(between(grants, begun, begun + 2_000)).toBeGreaterThan(4_000 * 0.85)
})

test('a new rate counts at once; no rate is no limit', async () => {
  harness = await openHarness(await emptyDatabase())
  const scan = await harness.scan({ targets: [['127.0.0.1', '127.0.0.1']], ports: '{[1,1]}', rate: 100 })
  const setRate = (rate: number | null) => harness.db.query('UPDATE scans SET rate = $2 WHERE id = $1', [scan, rate])
  const over = new AbortController()
  const sending = send(scan, 3, over.signal)
  await sleep(400)
  const changed = performance.now()
  await setRate(5_000)
  await sleep(400)
  over.abort()
  const grants = await sending
  expect(between(grants, 0, changed)).toBeLessThanOrEqual(45)
  expect(between(grants, changed, changed + 400)).toBeGreaterThan(1_000)
  await setRate(null)
  expect(await createScanGate(harness.db, scan).take(12_345, new AbortController().signal)).toBe(12_345)
})
