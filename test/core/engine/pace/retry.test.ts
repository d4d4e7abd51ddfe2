import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_TRIES, triesWanted, waitAfter } from '#core/engine/pace/retry.ts'

const loss = fc.double({ min: 1e-5, max: 0.99, noNaN: true })

test('asks twice where nothing is lost, more often where more is lost or more is at stake', () => {
  expect(triesWanted({ answering: 1000, loss: 0.0002 })).toBe(2)
  expect(triesWanted({ answering: 16_000, loss: 0.02 })).toBe(4)
  expect(triesWanted({ answering: 0, loss: 0.5 })).toBe(2)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), loss, (answering, chance) => {
      const tries = triesWanted({ answering, loss: chance })
      expect(tries).toBeGreaterThanOrEqual(2)
      expect(tries).toBeLessThanOrEqual(MAX_TRIES)
      expect(triesWanted({ answering: answering * 2, loss: chance })).toBeGreaterThanOrEqual(tries)
      if (tries < MAX_TRIES) expect(answering * chance ** tries).toBeLessThanOrEqual(0.0101)
    }),
  )
})

test('retries are spaced, and silence is believed last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.double({ min: 20, max: 4000, noNaN: true }), (tries, timeout) => {
      const wait = waitAfter(tries, timeout, false)
      expect(wait).toBeGreaterThanOrEqual(timeout)
      expect(waitAfter(tries + 1, timeout, false)).toBeGreaterThanOrEqual(wait)
      expect(waitAfter(tries, timeout, true)).toBeGreaterThanOrEqual(Math.max(wait, 120))
    }),
  )
})
