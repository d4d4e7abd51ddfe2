/** How an endpoint takes questions decides how long and how many at a time the next ones are. */
import { expect, test } from 'vitest'
import { LIKELY_QUESTIONS, LIMITS } from '#core/detect/plan.ts'
import { Reactions } from '#core/detect/reactions.ts'

const SILENCE = { mute: false, took: 900 }
const CLOSED = { mute: true, took: 3 }
const after = (...notes: readonly { readonly mute: boolean; readonly took: number }[]) => {
  const reactions = new Reactions()
  for (const note of notes) reactions.note(note)
  return reactions
}
const times = (n: number, note = SILENCE) => Array.from({ length: n }, () => note)
const limits = LIMITS.default

test('later questions wait less', () => {
  const waits = [0, LIKELY_QUESTIONS, 100].map((asked) => after(...times(asked)).wait(limits))
  expect(waits).toEqual([limits.answer, limits.answerLater, limits.answerLast])
  expect(waits.toSorted((a, b) => b - a)).toEqual(waits)
})

test('more at a time only for one that took the likely ones in silence and turned nobody away', () => {
  expect(after().connections(limits)).toBe(limits.inFlight)
  expect(after(...times(LIKELY_QUESTIONS)).connections(limits)).toBe(limits.inFlightLater)
  expect(after(CLOSED, ...times(LIKELY_QUESTIONS)).connections(limits)).toBe(limits.inFlight)
  expect(limits.inFlightLater).toBeGreaterThan(limits.inFlight)
  expect(after(...times(50)).connections(LIMITS.light)).toBe(LIMITS.light.inFlight)
})

test('a door that was closed on everybody, and one that was not', () => {
  expect(after(CLOSED, CLOSED).allClosedAtOnce).toBe(true)
  expect(after(CLOSED, SILENCE).allClosedAtOnce).toBe(false)
  expect(after({ mute: true, took: 5000 }).allClosedAtOnce).toBe(false)
})
