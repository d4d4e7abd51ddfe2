import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPacer, pause, permits, sent, setRate } from '#core/engine/pace/pacer.ts'

/** Sends for `until` ms, waking every `tick` ms but never during `gap`; returns the time of every packet. */
function run(rate: number, until: number, gap: readonly [number, number] = [0, 0], tick = 0.5): number[] {
  const pacer = createPacer(rate, 0)
  const times: number[] = []
  for (let now = 0; now < until; now += tick) {
    if (now > gap[0] && now < gap[1]) continue
    const count = permits(pacer, now)
    sent(pacer, count)
    for (let i = 0; i < count; i++) times.push(now)
  }
  return times
}

const busiest = (times: readonly number[], window: number): number => {
  const bins = new Map<number, number>()
  for (const t of times) bins.set(Math.floor(t / window), (bins.get(Math.floor(t / window)) ?? 0) + 1)
  return Math.max(...bins.values())
}

test.each([10, 137, 1000, 9999, 100_000])('%i a second is %i a second, without bursts', (rate) => {
  const until = rate < 100 ? 20_000 : 2000
  const times = run(rate, until)
  expect(times.length / ((rate * until) / 1000)).toBeGreaterThan(0.97)
  expect(times.length / ((rate * until) / 1000)).toBeLessThan(1.03)
  expect(busiest(times, 10)).toBeLessThanOrEqual(Math.max(2, rate * 0.01 * 1.3))
})

test('time lost to a busy machine is caught up without a burst', () => {
  const times = run(10_000, 4000, [1000, 1200])
  expect(times.length).toBeGreaterThan(39_000)
  expect(busiest(times, 10)).toBeLessThanOrEqual(130)
})

test('a suspended sender does not catch up', () => {
  const times = run(10_000, 12_000, [1000, 11_000])
  expect(times.length).toBeLessThan(10_000 + 10_000 + 2600)
  expect(busiest(times, 10)).toBeLessThanOrEqual(130)
})

test('the pause it names is never too short for the next packet and never needlessly long', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200_000 }), fc.nat(500), (rate, count) => {
      const pacer = createPacer(rate, 0)
      sent(pacer, Math.min(count, permits(pacer, 0)))
      const wait = pause(pacer)
      expect(permits(pacer, wait + 1e-3)).toBeGreaterThanOrEqual(1)
      expect(wait).toBeLessThanOrEqual(1000 / rate + 1e-3)
    }),
  )
})

test('a new rate holds from the moment it is set', () => {
  const pacer = createPacer(100_000, 0)
  permits(pacer, 1000)
  setRate(pacer, 100, 1000)
  let count = 0
  for (let now = 1000; now < 3000; now += 1) {
    const some = permits(pacer, now)
    sent(pacer, some)
    count += some
  }
  expect(count).toBeGreaterThan(190)
  expect(count).toBeLessThan(230)
})
