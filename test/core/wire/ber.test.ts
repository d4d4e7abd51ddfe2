import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  BER,
  berInteger,
  berOid,
  expectTlv,
  members,
  readTlv,
  tlv,
  tlvInteger,
  tlvOid,
  tlvText,
} from '#core/wire/ber.ts'
import { orNull, Reader } from '#core/wire/reader.ts'

test('integers of 32 bits survive the round trip in their shortest form', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
      const bytes = tlvInteger(value)
      expect(berInteger(expectTlv(new Reader(bytes), BER.integer))).toBe(value)
      const short = value >= -128 && value < 128
      expect(bytes.length).toBe(short ? 3 : value >= -32768 && value < 32768 ? 4 : bytes.length)
    }),
  )
  expect(tlvInteger(128)).toEqual(Uint8Array.from([2, 2, 0, 128]))
})

test('object identifiers survive the round trip', () => {
  for (const oid of [
    '1.3.6.1.2.1.1.1.0',
    '1.3.6.1.4.1.8072.3.2.10',
    '2.16.840.1.113730.3.4.2',
    '0.9.2342.19200300.100.1.25',
  ])
    expect(berOid(expectTlv(new Reader(tlvOid(oid)), BER.oid))).toBe(oid)
})

test('nested elements of any length read back as written', () => {
  const text = 'x'.repeat(700)
  const list = members(
    expectTlv(new Reader(tlv(BER.sequence, tlvText('a'), tlvText(text), tlvInteger(7))), BER.sequence),
  )
  expect(list.map((member) => member.content.length)).toEqual([1, 700, 1])
})

test('any bytes are read or refused, never more', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const element = orNull(() => readTlv(new Reader(bytes)))
      if (element) expect(element.content.length).toBeLessThan(bytes.length)
      orNull(() => berInteger(bytes))
      orNull(() => berOid(bytes))
      orNull(() => members(bytes))
    }),
  )
})
