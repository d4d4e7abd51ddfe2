import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addressFromBytes,
  addressToBytes,
  formatAddress,
  formatIPv6Bytes,
  parseAddress,
  unwrapIPv4,
} from '#core/target/address.ts'

const anyV4 = fc.integer({ min: 0, max: 0xffff_ffff })
const anyV6 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n })
/** IPv6 values with runs of zero groups, where compression has choices to make. */
const sparseV6 = fc
  .array(fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n))

function canonical(text: string): string {
  const parsed = parseAddress(text)
  return parsed.ok ? formatAddress(parsed.value) : `refused: ${parsed.flaw.problem}`
}

describe('round trips', () => {
  test('every IPv4 address', () => {
    fc.assert(
      fc.property(anyV4, (value) => {
        const text = formatAddress({ family: 4, value })
        expect(parseAddress(text)).toEqual({ ok: true, value: { family: 4, value } })
        expect(addressFromBytes(addressToBytes({ family: 4, value }))).toEqual({ family: 4, value })
      }),
    )
  })

  test('every IPv6 address, and node agrees with the text', () => {
    fc.assert(
      fc.property(fc.oneof(anyV6, sparseV6), (value) => {
        const text = formatAddress({ family: 6, value })
        expect(isIP(text)).toBe(6)
        expect(parseAddress(text)).toEqual({ ok: true, value: { family: 6, value } })
        expect(addressFromBytes(addressToBytes({ family: 6, value }))).toEqual({ family: 6, value })
        expect(text).toBe(text.toLowerCase())
        expect(text).not.toMatch(/(^|:)0[0-9a-f]/)
      }),
    )
  })
})

test.each([
  ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['1::', '1::'],
  ['::ffff:c000:201', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ['255.255.255.255', '255.255.255.255'],
  ['0.0.0.0', '0.0.0.0'],
])('%s is written %s', (text, expected) => expect(canonical(text)).toBe(expected))

test.each([
  ['0x7f.1', 'hexadecimal'],
  ['0X7f000001', 'hexadecimal'],
  ['0177.0.0.1', 'octal'],
  ['127.0.0.01', 'octal'],
  ['127.1', 'short'],
  ['2130706433', 'short'],
  ['127.0.0.1.', 'trailing dot'],
  ['127.0.0.1%lo', 'zone id'],
  [' 127.0.0.1', 'white space'],
  ['127.0.0.256', 'octet 4 is 256'],
  ['1.2.3.4.5', '5 parts'],
  ['1..2.3', 'not an IPv4'],
  ['', 'empty'],
  ['fe80::1%eth0', 'zone id'],
  ['[::1]', 'brackets'],
  ['1::2::3', 'only once'],
  [':::', 'only once'],
  ['1:2:3:4:5:6:7', '7 groups'],
  ['1:2:3:4:5:6:7:8:9', '9 groups'],
  ['1:2:3:4:5:6:7:8::', '8 groups'],
  ['::12345', 'hex digits'],
  ['::127.0.0.01', 'octal'],
  ['1.2.3.4::', 'hex digits'],
  [':1', 'empty'],
  ['1:', 'empty'],
  ['::1.2.3', 'short'],
])('%s is refused and the reason says %s', (text, reason) => {
  expect(canonical(text)).toMatch(/^refused/)
  expect(canonical(text)).toContain(reason)
})

test('whatever is accepted, node accepts too; nothing throws', () => {
  const text = fc.string({ unit: fc.constantFrom(...'0123456789abcfx.:%[]/ '), maxLength: 24 })
  fc.assert(
    fc.property(text, (candidate) => {
      const parsed = parseAddress(candidate)
      if (parsed.ok) expect(isIP(candidate)).toBe(parsed.value.family)
      else expect(parsed.flaw.position).toBeLessThanOrEqual(candidate.length)
    }),
    { numRuns: 2000 },
  )
})

test('finds the IPv4 address inside wrapped ones', () => {
  const inside = (text: string) => {
    const parsed = parseAddress(text)
    return parsed.ok && parsed.value.family === 6 ? unwrapIPv4(parsed.value.value) : undefined
  }
  expect(inside('::ffff:127.0.0.1')).toEqual({ v4: 0x7f00_0001, via: 'IPv4-mapped' })
  expect(inside('64:ff9b::a9fe:a9fe')).toEqual({ v4: 0xa9fe_a9fe, via: 'NAT64' })
  expect(inside('2002:7f00:1::9')).toEqual({ v4: 0x7f00_0001, via: '6to4' })
  expect(inside('2001:db8::1')).toBeNull()
})

test('formats bytes at any offset of a buffer', () => {
  const buffer = new Uint8Array(20)
  buffer[19] = 1
  expect(formatIPv6Bytes(buffer.subarray(4))).toBe('::1')
})
