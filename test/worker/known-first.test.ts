import { afterEach, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

const OPEN = [`${NET}.21:20100`, `${NET}.22:20950`, `${NET}.23:20007`, `${NET}.24:20990`]
const WISH = { targets: [[`${NET}.21`, `${NET}.24`]], ports: '{[20000,20999]}' } as const
const PROBES = 4_000

let harness: Harness
afterEach(() => harness.close())

test('what was open last time is probed before all else, and the news of it is there within seconds', async () => {
  harness = await openHarness((await testQueueUrls())[0]?.url ?? '')
  await harness.listen(OPEN)
  await harness.worker()
  const before = await harness.scan(WISH)
  await harness.until(before, 'completed')
  // Would take forty seconds.
  const scan = await harness.scan({ ...WISH, rate: 100 })
  await vi.waitFor(async () => expect(await harness.found(scan)).toEqual([...OPEN].sort()), {
    timeout: 20_000,
    interval: 20,
  })
  expect(await harness.probed(scan)).toBeLessThan(PROBES / 4)
  await harness.db.query('UPDATE scans SET rate = NULL')
  expect(await harness.until(scan, 'completed')).toMatchObject({ summary: { probed: PROBES, open: OPEN.length } })
}, 90_000)
