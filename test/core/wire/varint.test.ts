import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orNull, Reader } from '#core/wire/reader.ts'
import { readFields, readVarint, writeVarint } from '#core/wire/varint.ts'
import { Writer } from '#core/wire/writer.ts'

test('numbers below 2^35 survive the round trip, longer ones are refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 35 - 1 }), (value) => {
      expect(readVarint(new Reader(writeVarint(new Writer(), value).finish()))).toBe(value)
    }),
  )
  expect(orNull(() => readVarint(new Reader(new Uint8Array(9).fill(0xff))))).toBeNull()
})

test('fields come out by number, foreign bytes are refused', () => {
  const fields = readFields(new Reader(new Writer().u8(8).u8(3).u8(18).u8(2).latin1('hi').finish()))
  expect([...fields]).toEqual([
    [1, 3],
    [2, new Uint8Array([104, 105])],
  ])
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void orNull(() => readFields(new Reader(bytes)))))
})
