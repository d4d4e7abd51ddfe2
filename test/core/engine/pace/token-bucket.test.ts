import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBucket, refill, spend, waitFor } from '#core/engine/pace/token-bucket.ts'

const steps = fc.array(fc.record({ wait: fc.double({ min: 0, max: 5000, noNaN: true }), greed: fc.nat(100) }))

test('never gives more than the capacity at once, nor more than rate x time + capacity in all', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 1, max: 1000 }),
      steps,
      (rate, capacity, walk) => {
        const bucket = createBucket(rate, capacity, 0)
        let now = 0
        let given = 0
        for (const { wait, greed } of walk) {
          now += wait
          const there = refill(bucket, now)
          expect(there).toBeLessThanOrEqual(capacity)
          const count = Math.min(greed, there)
          spend(bucket, count)
          given += count
        }
        expect(given).toBeLessThanOrEqual((rate * now) / 1000 + capacity + 1e-3)
      },
    ),
  )
})

test('after waiting as told, the tokens are there', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 50 }), (rate, count) => {
      const bucket = createBucket(rate, 50, 0)
      expect(refill(bucket, waitFor(bucket, count))).toBeGreaterThanOrEqual(count)
    }),
  )
})

test('a clock that jumps back neither stops the flow nor makes tokens', () => {
  const bucket = createBucket(1000, 10, 5000)
  expect(refill(bucket, 1000)).toBe(0)
  expect(refill(bucket, 1005)).toBe(5)
})
