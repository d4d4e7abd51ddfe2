import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createProbeSpace, emptyTarget } from '#core/target/create-probe-space.ts'
import { moveToFront } from '#core/target/move-to-front.ts'
import { createPermutation } from '#core/target/permutation.ts'
import { parseTargets, resolveTargets } from '#core/target/target-spec.ts'

test('everything is visited once, the chosen first, and the inverse knows where', () => {
  const wish = fc.integer({ min: 1, max: 300 }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      seed: fc.integer({ min: 0, max: 2 ** 40 }),
      first: fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 50 }),
    }),
  )
  fc.assert(
    fc.property(wish, ({ size, seed, first }) => {
      const before = createPermutation(size, seed)
      const after = moveToFront(before, first)
      const visited = Array.from({ length: size }, (_, position) => after.indexAt(position))
      expect(new Set(visited).size).toBe(size)
      const chosen = [...new Set(first)]
      expect(visited.slice(0, chosen.length)).toEqual(chosen.map((position) => before.indexAt(position)))
      for (const [position, index] of visited.entries()) expect(after.positionOf(index)).toBe(position)
    }),
  )
})

test('a probe space begins with the endpoints it is told, as far as they are in it', () => {
  const targets = parseTargets(['10.0.0.0/24', '2001:db8::1'])
  const none = parseTargets([])
  if (!targets.ok || !none.ok) throw new Error('unexpected')
  const { addresses } = resolveTargets({
    targets: targets.targets,
    exclude: none.targets,
    answers: new Map(),
  })
  const first = [
    { ip: '10.0.0.77', port: 443 },
    { ip: '2001:db8::1', port: 22 },
    { ip: '192.0.2.1', port: 22 },
    { ip: '10.0.0.5', port: 9_999 },
  ]
  const space = createProbeSpace({ addresses, ports: [{ first: 1, last: 1000 }], transport: 'tcp', seed: 5, first })
  const seen = [0, 1].map((position) => {
    const target = emptyTarget()
    space.at(position, target)
    expect(space.positionOf(target)).toBe(position)
    return target.port
  })
  expect(seen.sort()).toEqual([22, 443])
  expect(space.size).toBe(257_000)
})
