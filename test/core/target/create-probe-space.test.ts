import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Address, addressFromBytes, addressToBytes } from '#core/target/address.ts'
import { ALL_IPV4, contains, nthAddress, setOf, sizeOf } from '#core/target/address-set.ts'
import { createProbeSpace, emptyTarget, ProbeSpaceTooLarge } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'

const V6 = 1n << 128n
/** Ranges far apart and of very different sizes, up to 2^36 addresses, so that words carry. */
const anyAddresses = fc
  .array(
    fc.oneof(
      fc.tuple(fc.bigInt(0n, 0xffff_0000n), fc.bigInt(0n, 0xffffn)),
      fc.tuple(fc.bigInt(0n, (1n << 127n) - 1n), fc.bigInt(0n, 1n << 36n)).map(([a, b]) => [V6 + a, b] as const),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((spans) => setOf(spans.map(([first, more]) => ({ first, last: first + more }))))

function addressOf(target: ProbeTarget): Address {
  return target.family === 4 ? { family: 4, value: target.v4 } : addressFromBytes(target.v6)
}

test('at and positionOf are inverse, and host is the ordinal of the address', () => {
  const where = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(anyAddresses, fc.nat(), where, (addresses, seed, part) => {
      const ports = [
        { first: 22, last: 22 },
        { first: 80, last: 90 },
        { first: 65_535, last: 65_535 },
      ]
      const space = createProbeSpace({ addresses, ports, transport: 'tcp', seed })
      expect([space.ports, space.hosts, space.size]).toEqual([13, Number(sizeOf(addresses)), 13 * space.hosts])
      const target = emptyTarget()
      for (const position of [0, Math.floor(space.size * part), space.size - 1]) {
        space.at(position, target)
        const address = addressOf(target)
        expect(contains(addresses, address)).toBe(true)
        expect(nthAddress(addresses, BigInt(target.host))).toEqual(address)
        expect(space.positionOf(target)).toBe(position)
      }
    }),
  )
})

test('what is not in the space has no position', () => {
  const addresses = setOf([
    { first: 10n, last: 12n },
    { first: 20n, last: 20n },
    { first: V6 + 5n, last: V6 + 6n },
  ])
  const space = createProbeSpace({ addresses, ports: [{ first: 80, last: 81 }], transport: 'tcp', seed: 3 })
  const position = (address: Address, port = 80) => {
    const v6 = address.family === 6 ? addressToBytes(address) : new Uint8Array(16)
    return space.positionOf({
      family: address.family,
      v4: address.family === 4 ? address.value : 0,
      v6,
      port,
      host: -1,
    })
  }
  for (const value of [10, 11, 12, 20]) expect(position({ family: 4, value })).toBeGreaterThanOrEqual(0)
  for (const value of [0, 9, 13, 19, 21, 0xffff_ffff, 5]) expect(position({ family: 4, value })).toBe(-1)
  for (const value of [5n, 6n]) expect(position({ family: 6, value })).toBeGreaterThanOrEqual(0)
  for (const value of [0n, 4n, 7n, 10n, (1n << 128n) - 1n]) expect(position({ family: 6, value })).toBe(-1)
  for (const port of [79, 82, 0, 65_535]) expect(position({ family: 4, value: 10 }, port)).toBe(-1)
})

test('the whole of IPv4 times 65,535 ports is a space; a /64 times two ports is not', () => {
  const all = [{ first: 1, last: 65_535 }]
  const space = createProbeSpace({ addresses: ALL_IPV4, ports: all, transport: 'tcp', seed: 1 })
  expect(space.size).toBe(2 ** 32 * 65_535)
  const net64 = setOf([{ first: V6, last: V6 + (1n << 64n) - 1n }])
  expect(() => createProbeSpace({ addresses: net64, ports: all, transport: 'tcp', seed: 1 })).toThrow(
    ProbeSpaceTooLarge,
  )
})

test('neighbouring positions fall on different hosts', () => {
  const addresses = setOf([{ first: 0n, last: 255n }])
  const space = createProbeSpace({ addresses, ports: [{ first: 1, last: 1000 }], transport: 'tcp', seed: 5 })
  const target = emptyTarget()
  let same = 0
  let before = -1
  for (let position = 0; position < 20_000; position++) {
    space.at(position, target)
    if (target.host === before) same++
    before = target.host
  }
  expect(same / 20_000).toBeLessThan(0.01)
})
