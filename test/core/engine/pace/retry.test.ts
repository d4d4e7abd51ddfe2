import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_TRIES, missesOnSilentHost, triesOnSilentHost, triesWanted, waitAfter } from '#core/engine/pace/retry.ts'

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
      if (tries < MAX_TRIES)
        expect(answering * chance ** tries).toBeLessThanOrEqual(Math.max(0.01, answering * 1e-6) * 1.01)
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

const evidence = { answering: 2000, loss: 0.001, hosts: 256, asked: 256, heard: 100, few: 0, share: 1 }

test('a host that never answered is asked no longer than there is hope', () => {
  expect(triesOnSilentHost(evidence, 20)).toBe(2)
  expect(triesOnSilentHost({ ...evidence, loss: 0.2 }, 20)).toBeLessThan(triesWanted({ answering: 2000, loss: 0.2 }))
  // One port a host: that it is silent says nothing more about the host.
  expect(triesOnSilentHost({ ...evidence, loss: 0.02 }, 1)).toBeGreaterThanOrEqual(3)
  // Where hosts answer on one port in a hundred, silence on twenty proves nothing.
  expect(triesOnSilentHost({ ...evidence, loss: 0.02, share: 0.01, few: 80 }, 20)).toBeGreaterThanOrEqual(3)
})

test('hope shrinks with every try and with every port that stayed silent', () => {
  fc.assert(
    fc.property(
      loss,
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 11 }),
      (chance, share, tries) => {
        const given = { ...evidence, loss: chance, share }
        expect(missesOnSilentHost(given, 20, tries + 1)).toBeLessThanOrEqual(missesOnSilentHost(given, 20, tries))
      },
    ),
  )
})
