import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'

test('a message that outgrows the first buffer in the middle of any field reads back as written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 110, max: 130 }), fc.uint8Array({ maxLength: 300 }), (before, bytes) => {
      const written = new Writer().zeros(before).u32(0xdeadbeef).u16le(0x1234).u64(5n).u24(0x010203).bytes(bytes).u8(9)
      const reader = new Reader(written.finish(), before)
      expect([reader.u32(), reader.u16le(), reader.u64(), reader.u24()]).toEqual([0xdeadbeef, 0x1234, 5n, 0x010203])
      expect(reader.take(bytes.length)).toEqual(bytes)
      expect([reader.u8(), reader.remaining]).toEqual([9, 0])
    }),
  )
})
