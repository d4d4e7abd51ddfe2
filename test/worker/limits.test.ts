/** Every limit holds over all workers and scans, as somebody sees it who counts the packets. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { captureSyns, mostInASecond, type SynCapture } from '#test/support/syn-capture.ts'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

// Which queue makes no difference: the limits do not use it.
const url = (await testQueueUrls())[0]?.url ?? ''
const mayCapture = process.platform === 'linux' && process.getuid?.() === 0
let harness: Harness
let capture: SynCapture
// Four processes that work for some seconds, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 })
beforeAll(async () => {
  if (!mayCapture) return
  harness = await openHarness(url)
  const vantages = ['default', 'default', 'office', 'office']
  await Promise.all(vantages.map((vantage) => harness.workerProcess({ slots: 4, vantage })))
}, 90_000)
beforeEach(() => {
  capture = captureSyns(`${NET}.`)
})
afterEach(async () => {
  await harness.db.query("UPDATE scans SET wanted = 'cancel'")
  await vi.waitFor(
    async () => expect((await harness.db.query("SELECT FROM scans WHERE status <> 'cancelled'")).rowCount).toBe(0),
    { timeout: 20_000 },
  )
  await setLimits({})
  capture.close()
})
afterAll(() => harness?.close())

const setLimits = (limits: object) =>
  harness.db.query(
    `INSERT INTO settings (name, value) VALUES ('limits', $1) ON CONFLICT (name) DO UPDATE SET value = $1`,
    [JSON.stringify(limits)],
  )

const wide = { targets: [[`${NET}.1`, `${NET}.250`]], ports: '{[20000,20999]}' } as const
const BOTH = ['default', 'office']
/** Long enough for workers to come, share, and take each other's unused part. */
const WATCHED = 3_000

async function fastest(): Promise<number> {
  await vi.waitFor(() => expect(capture.seen.length).toBeGreaterThan(0), { timeout: 30_000 })
  await sleep(WATCHED)
  return mostInASecond(capture.seen)
}

describe.runIf(mayCapture)('four workers with four shards each, two at either vantage', () => {
  test('a scan from two vantages keeps to its rate, and follows when that is changed', async () => {
    const scan = await harness.scan({ ...wide, vantages: BOTH, rate: 600 })
    const most = await fastest()
    expect(most).toBeLessThanOrEqual(600 * 1.05)
    await harness.db.query('UPDATE scans SET rate = 100 WHERE id = $1', [scan])
    await sleep(2_000)
    const changed = capture.seen.length
    await sleep(2_500)
    expect(mostInASecond(capture.seen.slice(changed))).toBeLessThanOrEqual(105)
    expect(capture.seen.length).toBeGreaterThan(changed)
  })

  test('one address is never asked more often than the lowest limit of all who ask it', async () => {
    const near = { targets: [[`${NET}.1`, `${NET}.4`]], ports: '{[20000,29999]}', vantages: BOTH } as const
    await harness.scan({ ...near, perHostRate: 100 })
    await harness.scan({ ...near, targets: [[`${NET}.4`, `${NET}.9`]], perHostRate: 150 })
    // One that may be as fast as it likes comes to an address that has a limit already.
    await vi.waitFor(() => expect(capture.seen.some(({ host }) => host === `${NET}.2`)).toBe(true), { timeout: 30_000 })
    await harness.scan({ ...near, targets: [[`${NET}.2`, `${NET}.2`]] })
    const asked = () => new Set(capture.seen.map(({ host }) => Number(host.split('.')[3])))
    await vi.waitFor(() => expect([1, 2, 3, 4, 5, 9].filter((n) => !asked().has(n))).toEqual([]), { timeout: 30_000 })
    await fastest()
    const hosts = Object.entries(Object.groupBy(capture.seen, ({ host }) => host))
    const most = Object.fromEntries(hosts.map(([host, syns = []]) => [host.split('.')[3], mostInASecond(syns)]))
    for (const host of [1, 2, 3, 4])
      expect(most[host], `host ${host} of ${JSON.stringify(most)}`).toBeLessThanOrEqual(105)
    for (const host of [5, 9]) expect(most[host], `host ${host} of ${JSON.stringify(most)}`).toBeLessThanOrEqual(157)
  })

  test('a vantage, and the installation, keep to theirs, whatever the scans ask', async () => {
    await setLimits({ global: 1_000, vantages: { office: 300 } })
    for (const rate of [undefined, 900, 5_000]) await harness.scan({ ...wide, ...(rate && { rate }), vantages: BOTH })
    expect(await fastest()).toBeLessThanOrEqual(1_050)
    await setLimits({ vantages: { office: 300, default: 1 } })
    await sleep(2_000)
    const from = capture.seen.length
    await sleep(2_500)
    expect(mostInASecond(capture.seen.slice(from))).toBeLessThanOrEqual(316)
  })
})
