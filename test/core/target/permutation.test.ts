import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPermutation } from '#core/target/permutation.ts'

const anySeed = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })
const anySize = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3000 }))

test('every index is visited exactly once, and the inverse finds its way back', () => {
  fc.assert(
    fc.property(anySize, anySeed, (size, seed) => {
      const order = createPermutation(size, seed)
      const seen = new Uint8Array(size)
      for (let position = 0; position < size; position++) {
        const index = order.indexAt(position)
        seen[index]!++
        if (order.positionOf(index) !== position) throw new Error(`${index} does not lead back to ${position}`)
      }
      expect(seen.every((times) => times === 1)).toBe(true)
    }),
  )
})

test('is invertible and in range up to 2^53-1', () => {
  const size = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
  fc.assert(
    fc.property(size, anySeed, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (n, seed, where) => {
      const order = createPermutation(n, seed)
      for (const position of [0, Math.floor(n * where), n - 1]) {
        const index = order.indexAt(position)
        expect(index >= 0 && index < n && Number.isSafeInteger(index)).toBe(true)
        expect(order.positionOf(index)).toBe(position)
      }
    }),
  )
})

test('the same seed gives the same order for ever, another seed another', () => {
  const visit = (size: number, seed: number) =>
    Array.from({ length: 6 }, (_, i) => createPermutation(size, seed).indexAt(i))
  // Written down, because stored checkpoints depend on it: to change the order is to change a data format.
  expect(visit(1000, 1)).toEqual([777, 402, 825, 549, 116, 1])
  expect(visit(2 ** 40, 2 ** 33)).toEqual([
    1050877786348, 526837860657, 223156912422, 41076633949, 187789678872, 989906624980,
  ])
  expect(visit(1000, 2)).not.toEqual(visit(1000, 1))
  expect(visit(2 ** 40, 0)).not.toEqual(visit(2 ** 40, 2 ** 33))
})

test('any slice is spread evenly: no bucket of a 256-way split is far from its share', () => {
  const size = 1_000_003
  for (const seed of [0, 1, 2, 12_345]) {
    const order = createPermutation(size, seed)
    for (const from of [0, 500_000]) {
      const buckets = new Float64Array(256)
      for (let i = from; i < from + 65_536; i++) buckets[Math.floor((order.indexAt(i) / size) * 256)]!++
      // Binomial with mean 256 and deviation 16; six deviations never happen by chance in 2,048 buckets.
      expect(Math.min(...buckets)).toBeGreaterThan(256 - 96)
      expect(Math.max(...buckets)).toBeLessThan(256 + 96)
    }
  }
})

test('neighbours in the order are strangers in the index', () => {
  const size = 65_536 * 10
  const order = createPermutation(size, 99)
  let near = 0
  for (let i = 1; i < 20_000; i++) if (Math.abs(order.indexAt(i) - order.indexAt(i - 1)) < size / 100) near++
  // Two random indices lie within 1 % of each other with a chance of about 2 %.
  expect(near / 20_000).toBeLessThan(0.03)
})
