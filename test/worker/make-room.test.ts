/** Nobody waits for the end of another's shard. */
import { afterEach, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

let harness: Harness
vi.setConfig({ testTimeout: 90_000 })
afterEach(() => harness.close())

/** Minutes of work. */
const LONG = { targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[1,30000]}', rate: 200 } as const
const SHORT = { targets: [[`${NET}.2`, `${NET}.2`]], ports: '{[20000,20009]}' } as const

type Work = { readonly probed: number; readonly running: number; readonly attempts: number }

async function workOn(scan: string): Promise<Work> {
  const { rows } = await harness.db.query<Work>(
    `SELECT sum(checkpoint - from_position)::int AS probed, max(attempts) AS attempts,
       (count(*) FILTER (WHERE state = 'claimed'))::int AS running FROM shards WHERE scan_id = $1`,
    [scan],
  )
  return rows[0] ?? { probed: 0, running: 0, attempts: 0 }
}

const getsFurther = (scan: string, than: number) =>
  vi.waitFor(async () => expect((await workOn(scan)).probed).toBeGreaterThan(than), { timeout: 40_000 })

test.each(await testQueueUrls())(
  '$backend: a short scan gets the only place there is, and the long one goes on after it',
  async ({ url }) => {
    harness = await openHarness(url)
    const long = await harness.scan(LONG)
    await harness.worker({ slots: 1 })
    await getsFurther(long, 0)
    const short = await harness.scan(SHORT)
    await harness.until(short, 'completed')
    const { probed } = await workOn(long)
    expect(probed).toBeLessThan(20_000)
    await getsFurther(long, probed)
    // Making room is not failing.
    expect((await workOn(long)).attempts).toBeLessThanOrEqual(1)
  },
)

test('two long scans take turns at one place', async () => {
  harness = await openHarness((await testQueueUrls())[0]?.url ?? '')
  const scans = [await harness.scan(LONG), await harness.scan(LONG)]
  await harness.worker({ slots: 1 })
  for (const scan of scans) await getsFurther(scan, 0)
  const running = await Promise.all(scans.map(async (scan) => (await workOn(scan)).running))
  expect(running.reduce((sum, n) => sum + n)).toBeLessThanOrEqual(1)
})
