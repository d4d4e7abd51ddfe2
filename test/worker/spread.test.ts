/** One scan, several workers: each gets its part, from every vantage, and nothing is probed twice. */
import { afterEach, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

let harness: Harness
vi.setConfig({ testTimeout: 90_000 })
afterEach(() => harness.close())

const PROBES = 16 * 600
const wide = { targets: [[`${NET}.1`, `${NET}.16`]], ports: '{[20000,20599]}' } as const

/** How many shards each worker has done. */
async function shares(scan: string): Promise<readonly number[]> {
  const { rows } = await harness.db.query(
    'SELECT count(*)::int AS shards FROM shards WHERE scan_id = $1 GROUP BY done_by ORDER BY 1',
    [scan],
  )
  return rows.map(({ shards }) => shards)
}

test.each(await testQueueUrls())('$backend: two workers share the shards of a scan', async ({ url }) => {
  harness = await openHarness(url)
  for (let i = 0; i < 2; i++) await harness.worker()
  const scan = await harness.scan({ ...wide, rate: 4_000 })
  expect(await harness.until(scan, 'completed')).toMatchObject({ summary: { probed: PROBES, closed: PROBES } })
  const [fewer = 0, more = 0, ...others] = await shares(scan)
  expect(others).toEqual([])
  // Two for every place there is; each worker has two places.
  expect(fewer + more).toBe(8)
  expect(fewer).toBeGreaterThanOrEqual(2)
})

test('a scan from two vantages is done at both, by whoever stands there', async () => {
  harness = await openHarness((await testQueueUrls())[0]?.url ?? '')
  await harness.listen([`${NET}.3:20300`])
  for (const vantage of ['office', 'moon']) await harness.worker({ vantage })
  const scan = await harness.scan({ ...wide, vantages: ['office', 'moon'], rate: 10_000 })
  expect(await harness.until(scan, 'completed')).toMatchObject({ summary: { probed: 2 * PROBES, open: 2 } })
  const { rows } = await harness.db.query(
    'SELECT vantage, count(*)::int AS open FROM observations WHERE scan_id = $1 GROUP BY 1 ORDER BY 1',
    [scan],
  )
  expect(rows).toEqual([
    { vantage: 'moon', open: 1 },
    { vantage: 'office', open: 1 },
  ])
})

test('shards last as long under a limit of the installation as under one of the scan', async () => {
  harness = await openHarness((await testQueueUrls())[0]?.url ?? '')
  const limits = { vantages: { default: 100 } }
  await harness.db.query(`INSERT INTO settings (name, value) VALUES ('limits', $1)`, [JSON.stringify(limits)])
  await harness.worker()
  const planned = await Promise.all([harness.scan(wide), harness.scan({ ...wide, rate: 100 })])
  for (const scan of planned) {
    await harness.until(scan, 'running')
    // Twenty seconds at 50 probes a second, which is what one of two places has.
    expect((await shares(scan)).reduce((sum, shards) => sum + shards, 0)).toBe(Math.ceil(PROBES / 1_000))
  }
})
