import { expect, test } from 'vitest'
import { nearest } from '#core/registry/nearest.ts'

const WORDS = ['scan', 'schedule', 'search', 'check', 'explain', 'ssh', 'http']

test.each([
  ['scna', 'scan'],
  ['chek', 'check'],
  ['expl', 'explain'],
  ['sssh', 'ssh'],
  ['HTPP', 'http'],
  ['serach', 'search'],
])('%s was meant to be %s', (typed, meant) => expect(nearest(typed, WORDS)).toBe(meant))

test.each(['', 'x', '127.0.0.1', 'completely-different', 'nosuchservice'])('%j is near to nothing', (typed) =>
  expect(nearest(typed, WORDS)).toBeNull(),
)

test('a long word costs little', () => {
  const started = performance.now()
  expect(nearest('x'.repeat(1_000_000), WORDS)).toBeNull()
  expect(performance.now() - started).toBeLessThan(1000)
})
