/**
 * BSON (https://bsonspec.org/spec.html), the part MongoDB's answers to `hello` and `buildInfo` use:
 *
 *   document = length(4) element* 0(1)                little-endian
 *   element  = type(1) name NUL value
 */
import { Reader, Truncated } from './reader.ts'
import { Writer } from './writer.ts'

export type BsonValue = string | number | boolean | null | readonly BsonValue[] | { readonly [name: string]: BsonValue }

/** An answer nests three deep. */
const DEPTH_CAP = 8
const ELEMENTS_CAP = 512
const TEXT_CAP = 16_384
/** Types that tell us nothing and have a fixed size: object id, date, undefined, null-like, timestamp, decimal, keys. */
const SKIPPED: Readonly<Record<number, number>> = { 6: 0, 7: 12, 9: 8, 10: 0, 17: 8, 19: 16, 127: 0, 255: 0 }

/** The document at the reader; throws Truncated when it is cut, too deep or of an unknown type. */
export function readBson(reader: Reader, depth = 0): { readonly [name: string]: BsonValue } {
  if (depth > DEPTH_CAP) throw new Truncated('document too deep')
  const length = reader.u32le()
  const inner = new Reader(reader.take(length - 4))
  // A name like `__proto__` must be an entry, not a prototype.
  const entries = new Map<string, BsonValue>()
  for (let type = inner.u8(); type !== 0; type = inner.u8()) {
    if (entries.size === ELEMENTS_CAP) throw new Truncated('document too large')
    const name = inner.cstring()
    entries.set(name, readValue(inner, type, depth))
  }
  return Object.fromEntries(entries)
}

function readValue(reader: Reader, type: number, depth: number): BsonValue {
  if (type === 1) return readDouble(reader)
  if (type === 2 || type === 13 || type === 14) return readText(reader)
  if (type === 3) return readBson(reader, depth + 1)
  if (type === 4) return Object.values(readBson(reader, depth + 1))
  if (type === 5) {
    reader.skip(reader.u32le() + 1)
    return null
  }
  if (type === 8) return reader.u8() === 1
  if (type === 16) return reader.i32le()
  if (type === 18) return Number(reader.u64le())
  const size = SKIPPED[type]
  if (size === undefined) throw new Truncated(`type ${type}`)
  reader.skip(size)
  return null
}

function readDouble(reader: Reader): number {
  const bytes = reader.take(8)
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true)
}

function readText(reader: Reader): string {
  const text = Buffer.from(reader.take(reader.u32le(), TEXT_CAP)).toString('utf8')
  return text.replace(/\0$/, '')
}

/** A command document: each name with the number 1 or a text. */
export function bsonCommand(command: Readonly<Record<string, 1 | string>>): Uint8Array {
  const body = new Writer()
  for (const [name, value] of Object.entries(command)) {
    body
      .u8(value === 1 ? 16 : 2)
      .latin1(name)
      .u8(0)
    if (value === 1) body.u32le(1)
    else
      body
        .u32le(value.length + 1)
        .latin1(value)
        .u8(0)
  }
  return new Writer()
    .u32le(body.length + 5)
    .bytes(body.finish())
    .u8(0)
    .finish()
}
