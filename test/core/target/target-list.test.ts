import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sizeOf } from '#core/target/address-set.ts'
import { TargetList } from '#core/target/target-list.ts'
import { parseTargets } from '#core/target/target-spec.ts'

const spec = fc.oneof(
  fc.ipV4(),
  // Close together, so that they touch and repeat.
  fc.integer({ min: 0, max: 40 }).map((last) => `10.0.0.${last}`),
  fc.ipV6(),
  fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 })).map(([ip, prefix]) => `${ip}/${prefix}`),
  fc.constantFrom(
    '192.0.2.1-9',
    '10.0.0-3.1,5',
    'a.example',
    'A.example.',
    '::ffff:10.0.0.1',
    '1.2.3',
    '10.0.0.256',
    '',
  ),
)

test('one by one comes to the same as all at once', () => {
  fc.assert(
    fc.property(fc.array(spec, { maxLength: 40 }), (specs) => {
      const list = new TargetList()
      const flaws = specs.map((text) => list.add(text))
      const all = parseTargets(specs)
      expect(flaws.filter((flaw) => flaw !== null)).toMatchObject(
        all.ok ? [] : all.errors.map(({ position, problem, fix }) => ({ position, problem, fix })),
      )
      const good = parseTargets(specs.filter((_, i) => flaws[i] === null))
      expect(good.ok && good.targets).toEqual(list.targets())
    }),
  )
})

test('more than it begins with room for', () => {
  const list = new TargetList()
  for (let i = 5000; i > 0; i--) list.add(`10.0.${i >> 8}.${i & 255}`)
  const { literal } = list.targets()
  expect([literal.spans.length, sizeOf(literal)]).toEqual([1, 5000n])
})
