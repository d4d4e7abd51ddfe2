/**
 * HPACK, the header compression of HTTP/2 (RFC 7541 section 6):
 *
 *   indexed    => 1 index(7+)
 *   literal    => 01 index(6+) | 0000 index(4+) | 0001 index(4+), [name], value      the first is remembered
 *   table size => 001 size(5+)
 *   string     => huffman(1) length(7+) bytes
 */
import { HUFFMAN_LENGTHS, STATIC_TABLE } from './hpack.data.ts'
import { latin1, type Reader, Truncated } from './reader.ts'
import type { Writer } from './writer.ts'

export type HeaderField = readonly [name: string, value: string]

const [HEADERS_CAP, STRING_CAP, TABLE_CAP] = [200, 8192, 4096]
/** What an entry costs beside its text. */
const ENTRY_COST = 32
const END_MARK = 256

/** Code -> symbol by length: the code is canonical, so symbols of one length have consecutive codes. */
const CODES: ReadonlyMap<number, number>[] = (() => {
  const byLength: Map<number, number>[] = Array.from({ length: 31 }, () => new Map())
  let code = 0
  for (let length = 1; length <= 30; length++, code *= 2)
    for (const [symbol, l] of HUFFMAN_LENGTHS.entries()) if (l === length) byLength[length]?.set(code++, symbol)
  return byLength
})()

/** The fields of one complete header block; the dynamic table is that of the block alone. Throws Truncated. */
export function readHeaderBlock(reader: Reader): HeaderField[] {
  const fields: HeaderField[] = []
  const table: HeaderField[] = []
  const at = (index: number): HeaderField => {
    const field = STATIC_TABLE[index - 1] ?? table[index - 1 - STATIC_TABLE.length]
    if (index < 1 || field === undefined) throw new Truncated('no such table entry')
    return field
  }
  while (reader.remaining > 0 && fields.length < HEADERS_CAP) {
    const first = reader.u8()
    if (first >= 0x80) fields.push(at(readInteger(reader, first, 7)))
    else if (first >= 0x20 && first < 0x40) readInteger(reader, first, 5)
    else {
      const index = readInteger(reader, first, first >= 0x40 ? 6 : 4)
      const name = index === 0 ? readString(reader) : at(index)[0]
      const field: HeaderField = [name, readString(reader)]
      fields.push(field)
      if (first >= 0x40) remember(table, field)
    }
  }
  return fields
}

function remember(table: HeaderField[], field: HeaderField): void {
  table.unshift(field)
  const cost = () => table.reduce((sum, [n, v]) => sum + n.length + v.length + ENTRY_COST, 0)
  while (cost() > TABLE_CAP) table.pop()
}

/** A number that begins in the low `bits` of `first`; at most four bytes more (RFC 7541 section 5.1). */
function readInteger(reader: Reader, first: number, bits: number): number {
  const most = 2 ** bits - 1
  let value = first & most
  if (value < most) return value
  for (let shift = 0; shift <= 21; shift += 7) {
    const byte = reader.u8()
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return value
  }
  throw new Truncated('number too long')
}

function readString(reader: Reader): string {
  const first = reader.u8()
  const bytes = reader.take(readInteger(reader, first, 7), STRING_CAP)
  return first >= 0x80 ? huffman(bytes) : latin1(bytes)
}

function huffman(bytes: Uint8Array): string {
  const symbols: number[] = []
  let [code, length] = [0, 0]
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1)
      const symbol = CODES[++length]?.get(code)
      if (length > 30 || symbol === END_MARK) throw new Truncated('no such code')
      if (symbol === undefined) continue
      symbols.push(symbol)
      code = length = 0
    }
  // What is left is the beginning of the end mark: ones, fewer than eight.
  if (length > 7 || code !== 2 ** length - 1) throw new Truncated('wrong padding')
  return latin1(Uint8Array.from(symbols))
}

/** A literal that is not remembered, its name in full: all a single request needs. Text under 127 bytes. */
export function writeField(writer: Writer, [name, value]: HeaderField): Writer {
  return writer.u8(0).u8(name.length).latin1(name).u8(value.length).latin1(value)
}
