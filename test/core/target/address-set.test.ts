import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Address } from '#core/target/address.ts'
import {
  type AddressSet,
  ALL_IPV4,
  ALL_IPV6,
  addressAt,
  cidrsOf,
  contains,
  covers,
  formatCidr,
  formatSpan,
  intersect,
  nthAddress,
  ordinalOf,
  setOf,
  sizeOf,
  spanOfCidr,
  subtract,
  union,
} from '#core/target/address-set.ts'
import { parseCidr } from '#core/target/cidr.ts'

/** A small world at the seam of both families, where every set can be compared with a plain Set of its members. */
const WORLD: readonly Address[] = [
  ...Array.from({ length: 40 }, (_, i) => ({ family: 4, value: 0xffff_ffff - 39 + i }) as const),
  ...Array.from({ length: 40 }, (_, i) => ({ family: 6, value: BigInt(i) }) as const),
]
const world: AddressSet = setOf(WORLD.map((_, i) => spanAt(i, i)))

function spanAt(from: number, to: number) {
  const point = (i: number) => (i < 40 ? 0xffff_ffffn - 39n + BigInt(i) : (1n << 128n) + BigInt(i - 40))
  return { first: point(from), last: point(to) }
}

const someSet = fc
  .array(fc.tuple(fc.nat(39), fc.nat(39), fc.boolean()), { maxLength: 8 })
  .map((pairs) =>
    setOf(pairs.map(([a, b, v6]) => spanAt(Math.min(a, b) + (v6 ? 40 : 0), Math.max(a, b) + (v6 ? 40 : 0)))),
  )

const members = (set: AddressSet) => new Set(WORLD.filter((address) => contains(set, address)))

test('the algebra is that of plain sets, and results are sorted, disjoint and merged', () => {
  fc.assert(
    fc.property(someSet, someSet, (a, b) => {
      const [inA, inB] = [members(a), members(b)]
      expect(members(union(a, b))).toEqual(inA.union(inB))
      expect(members(intersect(a, b))).toEqual(inA.intersection(inB))
      expect(members(subtract(a, b))).toEqual(inA.difference(inB))
      expect(covers(a, b)).toBe(inB.isSubsetOf(inA))
      for (const set of [union(a, b), intersect(a, b), subtract(a, b)]) {
        expect(sizeOf(set)).toBe(BigInt(members(set).size))
        set.spans.forEach((span, i) => {
          expect(span.first <= span.last).toBe(true)
          if (i > 0) expect(span.first > set.spans[i - 1]!.last + 1n).toBe(true)
        })
      }
    }),
  )
})

test('nth and ordinal are inverse and in ascending order, IPv4 first', () => {
  fc.assert(
    fc.property(someSet, (set) => {
      const expected = WORLD.filter((address) => contains(set, address))
      expected.forEach((address, i) => {
        expect(nthAddress(set, BigInt(i))).toEqual(address)
        expect(ordinalOf(set, address)).toBe(BigInt(i))
      })
      expect(nthAddress(set, sizeOf(set))).toBeNull()
      for (const address of members(subtract(world, set))) expect(ordinalOf(set, address)).toBeNull()
    }),
  )
})

test('the CIDR decomposition is exact and none of its blocks could be merged', () => {
  const range = fc.tuple(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)])
  fc.assert(
    fc.property(range, fc.boolean(), ([first, last], v6) => {
      const base = v6 ? 1n << 128n : 0n
      const set = setOf([{ first: base + BigInt(first!), last: base + BigInt(last!) }])
      const blocks = [...cidrsOf(set)]
      expect(setOf(blocks.map(spanOfCidr))).toEqual(set)
      expect(blocks.reduce((sum, block) => sum + spanOfCidr(block).last - spanOfCidr(block).first + 1n, 0n)).toBe(
        sizeOf(set),
      )
      expect(blocks.length).toBeLessThanOrEqual(62)
    }),
  )
})

test('whole families cost one range', () => {
  expect([...cidrsOf(union(ALL_IPV4, ALL_IPV6))].map(formatCidr)).toEqual(['0.0.0.0/0', '::/0'])
  expect(sizeOf(ALL_IPV6)).toBe(1n << 128n)
  expect(nthAddress(ALL_IPV6, (1n << 128n) - 1n)).toEqual(addressAt((1n << 129n) - 1n))
})

test.each([
  [['192.0.2.0/24'], '192.0.2.0/24'],
  [['192.0.2.1/32'], '192.0.2.1'],
  [['192.0.2.1/32', '192.0.2.2/32'], '192.0.2.1-192.0.2.2'],
  [['2001:db8::/65', '2001:db8:0:0:8000::/65'], '2001:db8::/64'],
])('%s is written %s', (cidrs, expected) => {
  const spans = cidrs.map((cidr) => {
    const parsed = parseCidr(cidr)
    if (!parsed.ok) throw new Error(parsed.flaw.problem)
    return spanOfCidr(parsed.value)
  })
  expect(setOf(spans).spans.map(formatSpan)).toEqual([expected])
})
