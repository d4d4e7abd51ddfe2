/**
 * IPv4 and IPv6 addresses as numbers. Strict on the way in, because every lenient spelling (octal, hex, missing
 * octets, zone ids) is read differently by some other program, and a scope check must never disagree with the
 * socket; canonical on the way out (dotted quad, RFC 5952).
 */
import { flawed, good, type Parsed } from './parsed.ts'

/** IPv4 is an unsigned 32-bit number, quick to compute with; IPv6 a bigint, exact. */
export type Address = { readonly family: 4; readonly value: number } | { readonly family: 6; readonly value: bigint }

export const MAX_IPV4 = 0xffff_ffff
export const MAX_IPV6 = (1n << 128n) - 1n

const DOT = 46
const ZERO = 48
const QUAD = 'write four decimal numbers from 0 to 255, such as 192.0.2.1'

/** Strict textual address of either family. */
export function parseAddress(text: string): Parsed<Address> {
  if (text.includes(':')) {
    const v6 = parseIPv6(text)
    return v6.ok ? good({ family: 6, value: v6.value }) : v6
  }
  const v4 = parseIPv4(text)
  return v4.ok ? good({ family: 4, value: v4.value }) : v4
}

/** `dec-octet "." dec-octet "." dec-octet "." dec-octet` of RFC 3986 section 3.2.2, and nothing else. */
export function parseIPv4(text: string): Parsed<number> {
  let value = 0
  let octet = -1
  let dots = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT && octet >= 0 && dots < 3) {
      value = value * 256 + octet
      octet = -1
      dots++
    } else if (code >= ZERO && code <= ZERO + 9 && octet !== 0) {
      octet = (octet < 0 ? 0 : octet * 10) + code - ZERO
      if (octet > 255) return explainIPv4(text, i)
    } else return explainIPv4(text, i)
  }
  return dots === 3 && octet >= 0 ? good(value * 256 + octet) : explainIPv4(text, text.length)
}

/** Off the hot path: says why `text` is refused. */
function explainIPv4(text: string, position: number) {
  if (text === '') return flawed(0, 'the address is empty', QUAD)
  if (/\s/.test(text)) return flawed(text.search(/\s/), 'there is white space in the address', 'remove it')
  if (text.endsWith('.')) return flawed(text.length - 1, 'an address has no trailing dot', 'remove the dot')
  if (text.includes('%')) return flawed(text.indexOf('%'), 'zone ids are not accepted', 'remove the % and what follows')
  const hex = text.search(/(^|\.)0x/i)
  if (hex >= 0) return flawed(hex, 'hexadecimal spellings of IPv4 addresses are ambiguous and refused', QUAD)
  const octal = text.search(/(^|\.)0\d/)
  if (octal >= 0)
    return flawed(octal, 'leading zeros are refused: some programs read them as octal', 'remove the zeros')
  const parts = text.split('.')
  if (/^[\d.]+$/.test(text) && parts.length < 4)
    return flawed(text.length, 'short spellings of IPv4 addresses are ambiguous and refused', QUAD)
  if (parts.length > 4) return flawed(position, `the address has ${parts.length} parts, not 4`, QUAD)
  const big = parts.findIndex((part) => /^\d+$/.test(part) && Number(part) > 255)
  if (big >= 0) return flawed(position, `octet ${big + 1} is ${parts[big]?.slice(0, 12)}, the largest is 255`, QUAD)
  return flawed(position, 'this is not an IPv4 address', QUAD)
}

const HEX_GROUPS = 'write eight groups of up to four hex digits, one run of zeros may be ::, such as 2001:db8::1'

/** The three text forms of RFC 4291 section 2.2: full, compressed, with a dotted quad at the end. No zone id. */
export function parseIPv6(text: string): Parsed<bigint> {
  if (text.length > 45) return flawed(45, 'the address is too long', HEX_GROUPS)
  if (text.includes('%'))
    return flawed(text.indexOf('%'), 'zone ids are not accepted', 'remove the % and name the interface apart')
  if (/[[\]]/.test(text)) return flawed(text.search(/[[\]]/), 'brackets belong to URLs', 'remove them')
  const gap = text.indexOf('::')
  if (gap >= 0 && text.indexOf('::', gap + 1) >= 0)
    return flawed(text.indexOf('::', gap + 1), ':: may stand only once', HEX_GROUPS)
  const head = parseGroups(gap < 0 ? text : text.slice(0, gap), 0, gap < 0)
  if (!head.ok) return head
  const tail = gap < 0 ? good<number[]>([]) : parseGroups(text.slice(gap + 2), gap + 2, true)
  if (!tail.ok) return tail
  const given = head.value.length + tail.value.length
  if (gap < 0 ? given !== 8 : given > 7)
    return flawed(text.length, `the address has ${given} groups${gap < 0 ? ', not 8' : ' beside the ::'}`, HEX_GROUPS)
  let value = 0n
  for (const group of head.value) value = (value << 16n) | BigInt(group)
  value <<= BigInt(16 * (8 - head.value.length))
  let low = 0n
  for (const group of tail.value) low = (low << 16n) | BigInt(group)
  return good(value | low)
}

function parseGroups(text: string, offset: number, last: boolean): Parsed<number[]> {
  const groups: number[] = []
  if (text === '') return good(groups)
  const parts = text.split(':')
  let at = offset
  for (const [i, part] of parts.entries()) {
    if (last && i === parts.length - 1 && part.includes('.')) {
      const quad = parseIPv4(part)
      if (!quad.ok) return flawed(at + quad.flaw.position, quad.flaw.problem, quad.flaw.fix)
      groups.push(quad.value >>> 16, quad.value & 0xffff)
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return flawed(at, part === '' ? 'a group is empty' : 'a group is not 1 to 4 hex digits', HEX_GROUPS)
    at += part.length + 1
  }
  return good(groups)
}

/** Canonical text: what every store, log and comparison uses. */
export function formatAddress(address: Address): string {
  return address.family === 4 ? formatIPv4(address.value) : formatIPv6(address.value)
}

/** Dotted quad of an unsigned 32-bit number. */
export function formatIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
}

/** RFC 5952 text of a 128-bit value. */
export function formatIPv6(value: bigint): string {
  return formatIPv6Bytes(addressToBytes({ family: 6, value }))
}

/**
 * RFC 5952 text of 16 bytes: lower case, no leading zeros, the longest run of two or more zero groups (the first of
 * equals) as `::`, and a dotted quad for the v4-mapped prefix (section 5).
 */
export function formatIPv6Bytes(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw new RangeError('an IPv6 address has 16 bytes')
  const group = (i: number) => (bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)
  let start = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let end = i
    while (end < 8 && group(end) === 0) end++
    if (end - i > length) [start, length] = [i, end - i]
    if (end > i) i = end - 1
  }
  if (start === 0 && length === 5 && group(5) === 0xffff)
    return `::ffff:${bytes[12]}.${bytes[13]}.${bytes[14]}.${bytes[15]}`
  let text = ''
  for (let i = 0; i < 8; i++) {
    if (i === start) {
      text += '::'
      i += length - 1
    } else text += (text === '' || text.endsWith(':') ? '' : ':') + group(i).toString(16)
  }
  return text
}

/** 4 or 16 bytes in network order. */
export function addressToBytes(address: Address): Uint8Array {
  if (address.family === 4) {
    const { value } = address
    return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
  }
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, address.value >> 64n)
  view.setBigUint64(8, address.value & 0xffff_ffff_ffff_ffffn)
  return bytes
}

/** The inverse of `addressToBytes`: 4 bytes make an IPv4 address, 16 an IPv6 one. */
export function addressFromBytes(bytes: Uint8Array): Address {
  if (bytes.length !== 4 && bytes.length !== 16) throw new RangeError('an address has 4 or 16 bytes')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length === 4) return { family: 4, value: view.getUint32(0) }
  return { family: 6, value: (view.getBigUint64(0) << 64n) | view.getBigUint64(8) }
}

/** IPv6 prefixes that carry an IPv4 address, and where its lowest bit sits. */
export const IPV4_WRAPPERS = [
  { name: 'IPv4-mapped', rfc: 'RFC 4291 section 2.5.5.2', base: 0xffffn << 32n, prefix: 96, shift: 0n },
  { name: 'NAT64', rfc: 'RFC 6052 section 2.1', base: 0x64_ff9bn << 96n, prefix: 96, shift: 0n },
  { name: '6to4', rfc: 'RFC 3056 section 2', base: 0x2002n << 112n, prefix: 16, shift: 80n },
] as const

/** The IPv4 address inside a v4-mapped, NAT64 or 6to4 one; null when there is none. */
export function unwrapIPv4(value: bigint): { readonly v4: number; readonly via: string } | null {
  for (const { name, base, prefix, shift } of IPV4_WRAPPERS)
    if (value >> BigInt(128 - prefix) === base >> BigInt(128 - prefix))
      return { v4: Number((value >> shift) & 0xffff_ffffn), via: name }
  return null
}
