import { LocalShare } from '@portolan/worker/limits/local-share.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'

/** What a sender gets that asks again as soon as it may, late by what `lateness` says, in simulated time. */
function send(
  share: LocalShare,
  until: number,
  lateness: () => number,
  renew: (now: number) => void = () => {},
): readonly number[] {
  const times: number[] = []
  for (let now = 0; now < until; ) {
    renew(now)
    const due = share.dueAt(now)
    if (due > now) {
      if (due === Number.POSITIVE_INFINITY) break
      now = due + lateness()
      continue
    }
    const count = share.room(now)
    share.spend(count, now)
    for (let i = 0; i < count; i++) times.push(now)
  }
  return times
}

function mostInASecond(times: readonly number[]): number {
  let [most, first] = [0, 0]
  for (const [last, at] of times.entries()) {
    while ((times[first] ?? 0) <= at - 1000) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

const rates = fc.integer({ min: 1, max: 200_000 })

test('in no second more than the share, and 2 % where a packet weighs no more, however late it is asked', () => {
  fc.assert(
    fc.property(
      rates,
      fc.array(fc.double({ min: 0.01, max: 400, noNaN: true }), { minLength: 1 }),
      (rate, lateness) => {
        const share = new LocalShare()
        share.set(rate, 0, 10_000)
        let turn = 0
        const times = send(share, 3_000, () => lateness[turn++ % lateness.length] ?? 0)
        expect(mostInASecond(times)).toBeLessThanOrEqual(rate * 1.02 + 0.1)
      },
    ),
    { numRuns: 100 },
  )
})

/** Renewed every `period` milliseconds, with one rate after the other. */
function sendRenewed(wanted: readonly number[], period: number, lateness: () => number): readonly number[] {
  const share = new LocalShare()
  let renewals = 0
  const renew = (now: number) => {
    while (renewals * period <= now) {
      share.set(wanted[renewals % wanted.length] ?? 0, renewals * period, 10_000)
      renewals++
    }
  }
  return send(share, 3_000, lateness, renew)
}

test('and just as much when the share is renewed all the while, at the same rate or others', () => {
  const some = fc.array(rates, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(some, fc.integer({ min: 50, max: 400 }), fc.double({ min: 0.01, max: 40, noNaN: true }), (...wish) => {
      const [wanted, period, late] = wish
      const times = sendRenewed(wanted, period, () => late)
      // One more where a packet is worth more than 1 % of a second: the one that was due already when the rate fell.
      expect(mostInASecond(times)).toBeLessThanOrEqual(Math.max(...wanted) * 1.02 + 1)
    }),
    { numRuns: 100 },
  )
})

test('who asks in time gets all of it, however often it is renewed', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 50, max: 3_000 }), (rate, period) => {
      expect(sendRenewed([rate], period, () => 0.01).length).toBeGreaterThan(rate * 3 * 0.95 - 1)
    }),
    { numRuns: 20 },
  )
})

test('nothing on a share that is over, and at once on a new one', () => {
  const share = new LocalShare()
  expect(share.dueAt(0)).toBe(Number.POSITIVE_INFINITY)
  share.set(1, 0, 1_500)
  share.spend(1, 0)
  expect(share.dueAt(1_501)).toBe(Number.POSITIVE_INFINITY)
  share.set(1_000, 1_600, 3_000)
  expect(share.dueAt(1_700)).toBeLessThanOrEqual(1_700)
  share.set(null, 1_700, 3_000)
  expect(share.room(1_700)).toBe(Number.POSITIVE_INFINITY)
})

test('who had to wait could use anything; who had not, a little more than it used', () => {
  const share = new LocalShare()
  share.set(1_000, 0, 10_000)
  share.takeDemand(0)
  for (let now = 0; now < 1_000; now += 10) share.spend(1, now)
  expect(share.takeDemand(1_000)).toBe(125)
  share.noteWait()
  expect(share.takeDemand(1_200)).toBeGreaterThan(1_000_000)
})

test('who begins waits for its first packet as for any other: whoever had the share has just sent one', () => {
  const share = new LocalShare()
  share.set(0, 0, 1_500)
  share.set(10, 200, 1_700)
  expect(share.dueAt(200)).toBeGreaterThanOrEqual(300)
  share.set(1_000, 210, 1_700)
  expect(share.dueAt(220)).toBeLessThanOrEqual(220)
})
