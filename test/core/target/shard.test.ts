import fc from 'fast-check'
import { expect, test } from 'vitest'
import { setOf } from '#core/target/address-set.ts'
import { createProbeSpace, emptyTarget } from '#core/target/create-probe-space.ts'
import { cutBy, cutInto, type Shard } from '#core/target/shard.ts'

function expectPartition(shards: readonly Shard[], total: number) {
  let at = 0
  shards.forEach(({ index, from, to }, i) => {
    expect(index).toBe(i)
    expect(from).toBe(at)
    expect(to).toBeGreaterThan(from)
    at = to
  })
  expect(at).toBe(total)
}

test('slices are contiguous, not empty, and cover everything', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 300 }), (total, n) => {
      const shards = [...cutInto(total, n)]
      expectPartition(shards, total)
      expect(shards.length).toBe(Math.min(n, total))
      const sizes = shards.map(({ from, to }) => to - from)
      if (total > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      expectPartition([...cutBy(total, 1 + Math.floor(total / n))], total)
    }),
  )
})

test('the largest space is cut without rounding', () => {
  const total = Number.MAX_SAFE_INTEGER
  expectPartition([...cutInto(total, 1000)], total)
  expectPartition([...cutBy(total, 2 ** 45 + 1)], total)
})

test('every (address, port) is in exactly one shard, whatever the number of shards', () => {
  const spans = fc.array(fc.tuple(fc.nat(30), fc.nat(6), fc.boolean()), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(
      spans,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(),
      (ranges, ports, n, seed) => {
        const addresses = setOf(
          ranges.map(([start, more, v6]) => {
            const first = BigInt(start) + (v6 ? 1n << 128n : 0n)
            return { first, last: first + BigInt(more) }
          }),
        )
        const space = createProbeSpace({ addresses, ports: [{ first: 20, last: 19 + ports }], transport: 'tcp', seed })
        const target = emptyTarget()
        const seen = new Map<string, number>()
        for (const { from, to } of cutInto(space.size, n))
          for (let position = from; position < to; position++) {
            space.at(position, target)
            const key = `${target.family} ${target.family === 4 ? target.v4 : target.v6.join('.')} ${target.port}`
            seen.set(key, (seen.get(key) ?? 0) + 1)
          }
        expect(seen.size).toBe(space.hosts * ports)
        expect([...seen.values()].every((times) => times === 1)).toBe(true)
      },
    ),
  )
})
