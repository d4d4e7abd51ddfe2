import { pauseAfter } from '@portolan/worker/notify/back-off.ts'
import { expect, test } from 'vitest'

const HOUR = 3_600_000

/** Pauses until it is given up. */
function pauses(options: { asked?: number; chance: number }): number[] {
  const all: number[] = []
  for (let next = pauseAfter(1, options); next !== null; next = pauseAfter(all.length + 1, options)) all.push(next)
  return all
}

test('it is tried again within seconds, ever more seldom, for a day', () => {
  for (const chance of [0, 0.5, 0.999]) {
    const all = pauses({ chance })
    expect(all[0]).toBeLessThanOrEqual(6_000)
    expect(all).toEqual([...all].sort((a, b) => a - b))
    const total = all.reduce((sum, pause) => sum + pause, 0)
    expect(total).toBeGreaterThanOrEqual(23.5 * HOUR)
    expect(total).toBeLessThanOrEqual(30 * HOUR)
  }
})

test('a receiver that asks for time gets it, up to an hour', () => {
  expect(pauseAfter(1, { asked: 120_000, chance: 0 })).toBe(120_000)
  expect(pauseAfter(1, { asked: 100 * HOUR, chance: 0 })).toBe(HOUR)
  expect(pauseAfter(9, { asked: 1_000, chance: 0 })).toBe(8 * HOUR)
})
