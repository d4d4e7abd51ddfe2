import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sumWords } from '#core/wire/checksum.ts'
import { type SynFields, SynTemplate } from '#core/wire/tcp-syn.ts'

const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const address6 = fc.uint8Array({ minLength: 16, maxLength: 16 })

const fields = fc.record({ v4: u32, v6: address6, sourcePort: u16, port: u16, sequence: u32, timestamp: u32, id: u16 })

/** RFC 1071: a sum that includes the right checksum folds to all ones. */
function folds(sum: number): boolean {
  let folded = sum
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 65_536)
  return folded === 0xffff
}

function build(source: Uint8Array, given: SynFields, before?: SynFields): DataView {
  const template = new SynTemplate(source, 1500)
  const out = new Uint8Array(100)
  template.lay(out, 10)
  if (before) template.complete(out, 10, before)
  template.complete(out, 10, given)
  return new DataView(out.buffer, 10, template.bytes.length)
}

test('IPv4: both checksums are right and every field is where it belongs, also in a reused packet', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), fields, fields, (source, before, given) => {
      const view = build(source, given, before)
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
      expect(bytes.length).toBe(60)
      expect(folds(sumWords(bytes, 0, 20))).toBe(true)
      expect(folds(sumWords(bytes, 12, 60) + 6 + 40)).toBe(true)
      expect(view.getUint32(16)).toBe(given.v4)
      expect([...bytes.subarray(12, 16)]).toEqual([...source])
      expect([view.getUint16(20), view.getUint16(22)]).toEqual([given.sourcePort, given.port])
      expect([view.getUint32(24), view.getUint32(48)]).toEqual([given.sequence, given.timestamp])
    }),
  )
})

test('IPv6: the checksum over the pseudo header is right and every field is where it belongs', () => {
  fc.assert(
    fc.property(address6, fields, fields, (source, before, given) => {
      const view = build(source, given, before)
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
      expect(bytes.length).toBe(80)
      expect(folds(sumWords(bytes, 8, 80) + 6 + 40)).toBe(true)
      expect([...bytes.subarray(24, 40)]).toEqual([...given.v6])
      expect(bytes[0]).toBe(0x60)
      expect([view.getUint16(40), view.getUint16(42)]).toEqual([given.sourcePort, given.port])
    }),
  )
})

test('carries the options of a Linux client', () => {
  const view = build(Uint8Array.of(10, 0, 0, 1), {
    v4: 1,
    v6: new Uint8Array(16),
    sourcePort: 1,
    port: 2,
    sequence: 3,
    timestamp: 0x01020304,
    id: 5,
  })
  const options = [...new Uint8Array(view.buffer, view.byteOffset + 40, 20)]
  expect(options).toEqual([2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7])
  expect([view.getUint8(8), view.getUint8(33), view.getUint16(34)]).toEqual([64, 2, 64_240])
})
