import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRtt, hostTimeout, observeRtt, RTT_CELLS, TIMEOUT_LIMITS, timeoutOf } from '#core/engine/pace/rtt.ts'

test('waits the initial timeout until something was measured', () => {
  expect(timeoutOf(createRtt(), 0)).toBe(TIMEOUT_LIMITS.initial)
})

test('stays within its limits whatever the samples', () => {
  fc.assert(
    fc.property(fc.array(fc.double()), (samples) => {
      const cells = createRtt()
      for (const sample of samples) observeRtt(cells, 0, sample)
      const timeout = timeoutOf(cells, 0)
      expect(timeout).toBeGreaterThanOrEqual(TIMEOUT_LIMITS.min)
      expect(timeout).toBeLessThanOrEqual(TIMEOUT_LIMITS.max)
    }),
  )
})

test('a steady round trip with jitter is not timed out', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 900, noNaN: true }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 60, maxLength: 60 }),
      (rtt, jitter) => {
        const cells = createRtt()
        for (const j of jitter) observeRtt(cells, 0, rtt * (1 + j * 0.2))
        expect(timeoutOf(cells, 0)).toBeGreaterThanOrEqual(rtt * 1.01)
        expect(timeoutOf(cells, 0)).toBeLessThanOrEqual(Math.max(TIMEOUT_LIMITS.min, rtt * 2 + 30))
      },
    ),
  )
})

test('a far host keeps its own longer timeout, an unknown one gets its group’s', () => {
  const group = createRtt()
  const hosts = new Float64Array(2 * RTT_CELLS)
  for (let i = 0; i < 100; i++) observeRtt(group, 0, 10)
  for (let i = 0; i < 10; i++) observeRtt(hosts, RTT_CELLS, 300)
  expect(hostTimeout(hosts, 0, group)).toBe(timeoutOf(group, 0))
  expect(hostTimeout(hosts, RTT_CELLS, group)).toBeGreaterThan(300)
})
