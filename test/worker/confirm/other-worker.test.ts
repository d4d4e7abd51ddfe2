/** Who has seen something once does not see it the second time, when there is somebody else. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from '../harness.ts'

const IP = `${NET}.12`
const SCAN = { targets: [[IP, IP] as const], ports: '{[20020,20039]}' }

type Look = { readonly ordinal: number; readonly done_by: string; readonly not_by: string | null }

describe.each(await testQueueUrls())('through $backend', ({ url }) => {
  let harness: Harness
  vi.setConfig({ testTimeout: 150_000 })
  beforeEach(async () => {
    harness = await openHarness(url)
  })
  afterEach(() => harness.close())

  async function looks(): Promise<readonly Look[]> {
    const scan = await harness.scan(SCAN)
    await harness.until(scan, 'completed')
    const { rows } = await harness.db.query<Look>(
      'SELECT ordinal, done_by, not_by FROM shards WHERE scan_id = $1 ORDER BY ordinal DESC',
      [scan],
    )
    return rows
  }

  const openOne = (port: number) => harness.listen([`${IP}:${port}`])

  test('the second look is taken by the other worker of the vantage', async () => {
    // Long enough that nobody passes for dead because the machine is busy.
    const lease = 10_000
    await Promise.all([harness.worker({ lease }), harness.worker({ lease })])
    await looks()
    for (const port of [20_021, 20_022]) {
      await openOne(port)
      const all = await looks()
      const again = all.filter(({ ordinal }) => ordinal <= -2)
      const first = new Set(all.filter(({ ordinal }) => ordinal >= 0).map(({ done_by }) => done_by))
      expect(again).toHaveLength(1)
      expect(first).toContain(again[0]?.not_by)
      expect(again[0]?.done_by).not.toBe(again[0]?.not_by)
    }
    const { rows } = await harness.db.query('SELECT verdict FROM changes')
    expect(rows).toEqual([{ verdict: 'confirmed' }, { verdict: 'confirmed' }])
  })

  test('alone at its vantage, a worker looks again itself, and at once', async () => {
    await harness.worker()
    await harness.worker({ vantage: 'elsewhere' })
    await looks()
    await openOne(20_021)
    const again = (await looks()).filter(({ ordinal }) => ordinal <= -2)
    expect(again).toHaveLength(1)
    expect(again[0]?.done_by).toBe(again[0]?.not_by)
  })
})
