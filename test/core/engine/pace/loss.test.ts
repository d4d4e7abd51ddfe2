import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  createTally,
  expectedLoss,
  hostLoss,
  lossEstimate,
  missChance,
  recallEstimate,
  trueLoss,
} from '#core/engine/pace/loss.ts'

const chance = fc.double({ min: 0.001, max: 0.999, noNaN: true })

test('nothing lost, nothing claimed', () => {
  expect(lossEstimate(createTally())).toBe(0)
  expect(lossEstimate({ answered: 1000, lost: 0 })).toBe(0)
  expect(recallEstimate(0, 0)).toBe(1)
})

test('what is expected lies strictly between certainties and moves towards what is seen', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(100_000), (answered, lost) => {
      const expected = expectedLoss({ answered, lost })
      expect(expected).toBeGreaterThan(0)
      expect(expected).toBeLessThan(1)
      if (answered + lost > 5000) expect(Math.abs(expected - lossEstimate({ answered, lost }))).toBeLessThan(0.011)
    }),
  )
})

test('more tries, fewer misses; more loss, more misses', () => {
  fc.assert(
    fc.property(chance, chance, fc.integer({ min: 1, max: 10 }), (answering, loss, tries) => {
      const miss = missChance(answering, loss, tries)
      expect(miss).toBeGreaterThanOrEqual(0)
      expect(miss).toBeLessThanOrEqual(1)
      expect(missChance(answering, loss, tries + 1)).toBeLessThanOrEqual(miss)
      expect(missChance(answering, Math.min(0.999, loss * 1.2), tries)).toBeGreaterThanOrEqual(miss - 1e-12)
    }),
  )
})

test('the estimated recall is the true one, within chance', () => {
  let x = 7
  const draw = () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    return x / 2 ** 32
  }
  const [answering, loss, tries] = [0.3, 0.4, 2]
  let [found, there, missed] = [0, 0, 0]
  for (let port = 0; port < 15_000; port++) {
    const answers = draw() < answering
    const heard = answers && (draw() >= loss || draw() >= loss)
    if (answers) there++
    if (heard) found++
    else missed += missChance(answering, loss, tries)
  }
  expect(Math.abs(recallEstimate(found, missed) - found / there)).toBeLessThan(0.02)
})

test('one unlucky host moves its own estimate, after a few answers', () => {
  expect(hostLoss({ answered: 0, lost: 0 }, 0.02)).toBeCloseTo(0.02)
  expect(hostLoss({ answered: 1, lost: 1 }, 0.02)).toBeLessThan(0.15)
  expect(hostLoss({ answered: 100, lost: 100 }, 0.02)).toBeGreaterThan(0.4)
})

test('where nothing is asked more than a few times, what was never noticed is added', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 0.6, noNaN: true }), fc.integer({ min: 2, max: 6 }), (loss, tries) => {
      // The mean number of tries of those answered within `tries`, exactly.
      const weights = Array.from({ length: tries }, (_, i) => loss ** i * (1 - loss))
      const mean = weights.reduce((sum, w, i) => sum + w * (i + 1), 0) / weights.reduce((sum, w) => sum + w, 0)
      expect(trueLoss(1 - 1 / mean, tries)).toBeCloseTo(loss, 3)
    }),
  )
  expect(trueLoss(0, 3)).toBe(0)
  expect(trueLoss(0.1, 0)).toBe(0.1)
})
