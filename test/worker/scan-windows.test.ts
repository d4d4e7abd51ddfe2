/** A scan that may run at certain times only: outside of them it is paused and says so, and goes on where it was. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

const queues = await testQueueUrls()
let harness: Harness
vi.setConfig({ testTimeout: 90_000 })
beforeEach(async () => {
  harness = await openHarness(queues[0]?.url ?? '')
})
afterEach(() => harness.close())

const clock = (hoursFromNow: number) => new Date(Date.now() + hoursFromNow * 3_600_000).toISOString().slice(11, 16)
const OPEN = () => ({ zone: 'UTC', ranges: [{ from: clock(-2), to: clock(2) }] })
const SHUT = () => ({ zone: 'UTC', ranges: [{ from: clock(2), to: clock(4) }] })

/** Stands in for the hours that pass: the scan stays where it is, and its windows move. */
const move = (scan: string, windows: object) =>
  harness.db.query('UPDATE scans SET windows = $2 WHERE id = $1', [scan, JSON.stringify(windows)])

test('outside its windows it is paused with a reason, in the next it goes on; each endpoint is asked once', async () => {
  await harness.listen([`${NET}.1:20007`, `${NET}.1:20201`])
  const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20249]}', rate: 50 })
  const opening = clock(2)
  await move(scan, SHUT())
  // As the API writes a scan that may not begin yet.
  await harness.db.query('UPDATE scans SET held = true WHERE id = $1', [scan])
  await harness.worker()
  await harness.until(scan, 'paused')
  expect(await harness.probed(scan)).toBe(0)

  await move(scan, OPEN())
  await harness.until(scan, 'running')
  await vi.waitFor(async () => expect(await harness.probed(scan)).toBeGreaterThan(20), { timeout: 30_000 })
  expect(await harness.state(scan)).toMatchObject({ status_reason: null })

  await move(scan, SHUT())
  const reason = new RegExp(`^outside its windows; goes on at \\d{4}-\\d\\d-\\d\\dT(${opening}|${clock(2)})Z$`)
  expect(await harness.until(scan, 'paused')).toMatchObject({ status_reason: expect.stringMatching(reason) })
  const soFar = await harness.probed(scan)
  expect(soFar).toBeLessThan(250)
  await sleep(1_500)
  expect(await harness.state(scan)).toMatchObject({ status: 'paused' })
  expect(await harness.probed(scan)).toBe(soFar)

  await move(scan, OPEN())
  expect(await harness.until(scan, 'completed', 'partial', 'failed')).toMatchObject({
    status: 'completed',
    status_reason: null,
    summary: { probes: 250, probed: 250, sent: 250, open: 2, closed: 248 },
  })
  expect(await harness.found(scan)).toEqual([`${NET}.1:20007`, `${NET}.1:20201`])
})

test('one that somebody paused does not go on when its windows open', async () => {
  const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20009]}' })
  await move(scan, SHUT())
  await harness.db.query(`UPDATE scans SET held = true, wanted = 'pause' WHERE id = $1`, [scan])
  await harness.worker()
  await harness.until(scan, 'paused')
  await move(scan, OPEN())
  await vi.waitFor(
    async () =>
      expect((await harness.db.query('SELECT held FROM scans WHERE id = $1', [scan])).rows).toEqual([{ held: false }]),
    { timeout: 20_000 },
  )
  await sleep(500)
  expect(await harness.probed(scan)).toBe(0)
  await harness.db.query(`UPDATE scans SET wanted = 'run' WHERE id = $1`, [scan])
  await harness.until(scan, 'completed')
})
