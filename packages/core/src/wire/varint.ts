/** Numbers in seven-bit groups, least significant first, the top bit set on all but the last (LEB128, protocol buffers). */
import { type Reader, Truncated } from './reader.ts'
import type { Writer } from './writer.ts'

/** At most five groups: a number below 2^35. */
export function readVarint(reader: Reader): number {
  let value = 0
  for (let scale = 1; scale < 2 ** 35; scale *= 128) {
    const byte = reader.u8()
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
  throw new Truncated('number too long')
}

export function writeVarint(writer: Writer, value: number): Writer {
  let left = value
  for (; left >= 128; left = Math.floor(left / 128)) writer.u8((left % 128) + 128)
  return writer.u8(left)
}

/**
 * A protocol buffers message as numbers and bytes by field; the last of a repeated field wins. Throws Truncated on other
 * wire types than varint and length-delimited.
 */
export function readFields(message: Reader, cap = 32): ReadonlyMap<number, number | Uint8Array> {
  const fields = new Map<number, number | Uint8Array>()
  for (let i = 0; message.remaining > 0 && i < cap; i++) {
    const key = readVarint(message)
    if ((key & 7) === 0) fields.set(key >>> 3, readVarint(message))
    else if ((key & 7) === 2) fields.set(key >>> 3, message.take(readVarint(message)))
    else throw new Truncated('unexpected wire type')
  }
  return fields
}
