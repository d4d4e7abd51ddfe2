/**
 * ASN.1 Basic Encoding Rules (X.690), the part SNMP, LDAP, Kerberos and MMS use: definite lengths, one-byte tags.
 *
 *   tlv    = tag length content
 *   tag    = class(2 bits) constructed(1) number(5)
 *   length = 0..127 | 0x80+n followed by n length bytes
 */
import { Reader, Truncated } from './reader.ts'
import { Writer } from './writer.ts'

export interface Tlv {
  readonly tag: number
  readonly content: Uint8Array
}

export const BER = {
  boolean: 0x01,
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
} as const

/** A message of a UDP datagram or a stream's first answer is far smaller. */
const CONTENT_CAP = 1 << 20
/** More members than any message we read has. */
const MEMBERS_CAP = 512

/** The next element; throws Truncated when it is cut, of indefinite length, or has a tag number over 30. */
export function readTlv(reader: Reader): Tlv {
  const tag = reader.u8()
  if ((tag & 0x1f) === 0x1f) throw new Truncated('multi-byte tag')
  const first = reader.u8()
  if (first < 0x80) return { tag, content: reader.take(first) }
  const count = first & 0x7f
  if (count === 0 || count > 4) throw new Truncated(`length of ${count} bytes`)
  let length = 0
  for (let i = 0; i < count; i++) length = length * 256 + reader.u8()
  return { tag, content: reader.take(length, CONTENT_CAP) }
}

/** The next element's content; throws Truncated when its tag is another one. */
export function expectTlv(reader: Reader, tag: number): Uint8Array {
  const tlv = readTlv(reader)
  if (tlv.tag !== tag) throw new Truncated(`tag ${tlv.tag}, expected ${tag}`)
  return tlv.content
}

/** All members of a constructed element. */
export function members(content: Uint8Array): readonly Tlv[] {
  const reader = new Reader(content)
  const list: Tlv[] = []
  while (reader.remaining > 0 && list.length < MEMBERS_CAP) list.push(readTlv(reader))
  return list
}

/** A whole number of at most six bytes, which a double holds exactly; longer ones throw Truncated. */
export function berInteger(content: Uint8Array): number {
  if (content.length === 0 || content.length > 6) throw new Truncated(`integer of ${content.length} bytes`)
  let value = content[0]! >= 0x80 ? -1 : 0
  for (const byte of content) value = value * 256 + byte
  return value
}

/** An object identifier in dotted form. */
export function berOid(content: Uint8Array): string {
  if (content.length > 128) throw new Truncated('object identifier too long')
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte & 0x80) continue
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)))
    else arcs.push(arc)
    arc = 0
  }
  return arcs.join('.')
}

/** One element from its parts, in definite form. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const writer = new Writer().u8(tag)
  if (length < 0x80) writer.u8(length)
  else if (length < 0x100) writer.u8(0x81).u8(length)
  else writer.u8(0x82).u16(length)
  for (const part of parts) writer.bytes(part)
  return writer.finish()
}

/** An integer of -2^31..2^31-1, or another tag with the same content (enumerations, application types). */
export function tlvInteger(value: number, tag: number = BER.integer): Uint8Array {
  const bytes = new Writer().u32(value >>> 0).finish()
  let from = 0
  // Shortest form: drop a leading byte while it only repeats the sign bit of the next one.
  while (from < 3 && (bytes[from] === 0 || bytes[from] === 0xff) && (bytes[from]! ^ bytes[from + 1]!) < 0x80) from++
  return tlv(tag, bytes.subarray(from))
}

export function tlvText(text: string, tag: number = BER.octets): Uint8Array {
  return tlv(tag, Buffer.from(text, 'utf8'))
}

/** An object identifier from its dotted form. */
export function tlvOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) | 0x80)
    bytes.push(...groups)
  }
  return tlv(BER.oid, Uint8Array.from(bytes))
}
