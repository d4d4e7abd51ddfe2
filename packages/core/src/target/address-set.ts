/**
 * Sets of addresses as sorted, disjoint, merged ranges; never expanded, so ::/0 costs as much as one address.
 *
 * Both families live on one number line, IPv4 at 0..2^32-1 and IPv6 from 2^128 on: one algebra serves both, and the gap
 * between them keeps ranges of different families from merging.
 */
import { type Address, formatAddress, MAX_IPV4, MAX_IPV6 } from './address.ts'

/** Both ends included, on the line of both families. */
export type Span = { readonly first: bigint; readonly last: bigint }

export type AddressSet = { readonly spans: readonly Span[] }

export type Cidr = { readonly address: Address; readonly prefix: number }

const V6_BASE = 1n << 128n

export const EMPTY_SET: AddressSet = { spans: [] }
export const ALL_IPV4: AddressSet = { spans: [{ first: 0n, last: BigInt(MAX_IPV4) }] }
export const ALL_IPV6: AddressSet = { spans: [{ first: V6_BASE, last: V6_BASE + MAX_IPV6 }] }

/** The point of an address on the line. */
export function pointOf(address: Address): bigint {
  return address.family === 4 ? BigInt(address.value) : V6_BASE + address.value
}

/** The inverse of `pointOf`. */
export function addressAt(point: bigint): Address {
  return point < V6_BASE ? { family: 4, value: Number(point) } : { family: 6, value: point - V6_BASE }
}

/** Every address of a span, ascending. Lazy: there may be 2^128. */
export function* addressesOf({ first, last }: Span): Generator<Address> {
  for (let point = first; point <= last; point++) yield addressAt(point)
}

/** Any spans, in any order, overlapping or not. */
export function setOf(spans: Iterable<Span>): AddressSet {
  const sorted = [...spans].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  const merged: { first: bigint; last: bigint }[] = []
  for (const { first, last } of sorted) {
    const before = merged.at(-1)
    if (before && first <= before.last + 1n) {
      if (last > before.last) before.last = last
    } else merged.push({ first, last })
  }
  return { spans: merged }
}

export function setOfAddresses(addresses: Iterable<Address>): AddressSet {
  return setOf(Array.from(addresses, (address) => ({ first: pointOf(address), last: pointOf(address) })))
}

/** All addresses that share the first `prefix` bits with `address`; its host bits are ignored. */
export function spanOfCidr({ address, prefix }: Cidr): Span {
  const size = 1n << BigInt((address.family === 4 ? 32 : 128) - prefix)
  const point = pointOf(address)
  const first = point - (point % size)
  return { first, last: first + size - 1n }
}

export function union(...sets: readonly AddressSet[]): AddressSet {
  const filled = sets.filter((set) => set.spans.length > 0)
  if (filled.length <= 1) return filled[0] ?? EMPTY_SET
  return setOf(filled.flatMap((set) => set.spans))
}

export function intersect(a: AddressSet, b: AddressSet): AddressSet {
  const spans: Span[] = []
  // One may be a single address and the other a long list: what lies before it is passed over by halves.
  let i = Math.max(0, spanBefore(a, b.spans[0]?.first ?? 0n))
  let j = Math.max(0, spanBefore(b, a.spans[0]?.first ?? 0n))
  for (;;) {
    const x = a.spans[i]
    const y = b.spans[j]
    if (!x || !y) return { spans }
    const first = x.first > y.first ? x.first : y.first
    const last = x.last < y.last ? x.last : y.last
    if (first <= last) spans.push({ first, last })
    if (x.last < y.last) i++
    else j++
  }
}

/** What is in `a` and not in `b`. */
export function subtract(a: AddressSet, b: AddressSet): AddressSet {
  if (b.spans.length === 0) return a
  const spans: Span[] = []
  let j = 0
  for (const { first, last } of a.spans) {
    let from = first
    while ((b.spans[j]?.last ?? last) < from) j++
    for (let k = j; from <= last; k++) {
      const hole = b.spans[k]
      if (!hole || hole.first > last) {
        spans.push({ first: from, last })
        break
      }
      if (hole.first > from) spans.push({ first: from, last: hole.first - 1n })
      from = hole.last + 1n
    }
  }
  return { spans }
}

/** Index of the last span that starts at or before `point`, -1 when there is none. */
function spanBefore({ spans }: AddressSet, point: bigint): number {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((spans[middle]?.first ?? 0n) <= point) low = middle + 1
    else high = middle
  }
  return low - 1
}

export function contains(set: AddressSet, address: Address): boolean {
  const point = pointOf(address)
  const span = set.spans[spanBefore(set, point)]
  return span !== undefined && point <= span.last
}

/** Is every address of `inner` in `outer`? */
export function covers(outer: AddressSet, inner: AddressSet): boolean {
  return inner.spans.every((span) => (outer.spans[spanBefore(outer, span.first)]?.last ?? -1n) >= span.last)
}

/** Number of addresses; a bigint, for an IPv6 /64 alone is past what a number counts. */
export function sizeOf({ spans }: AddressSet): bigint {
  let size = 0n
  for (const { first, last } of spans) size += last - first + 1n
  return size
}

export function isEmpty({ spans }: AddressSet): boolean {
  return spans.length === 0
}

/** The address with ordinal `ordinal` (0..size-1) in ascending order, IPv4 before IPv6; null beyond the end. */
export function nthAddress({ spans }: AddressSet, ordinal: bigint): Address | null {
  let left = ordinal
  if (left < 0n) return null
  for (const { first, last } of spans) {
    const size = last - first + 1n
    if (left < size) return addressAt(first + left)
    left -= size
  }
  return null
}

/** The inverse of `nthAddress`; null when the address is not in the set. */
export function ordinalOf({ spans }: AddressSet, address: Address): bigint | null {
  const point = pointOf(address)
  let before = 0n
  for (const { first, last } of spans) {
    if (point < first) return null
    if (point <= last) return before + point - first
    before += last - first + 1n
  }
  return null
}

/** The fewest CIDR blocks that make up exactly this set, ascending. Lazy: a ragged range may need many. */
export function* cidrsOf({ spans }: AddressSet): Generator<Cidr> {
  for (const { first, last } of spans) {
    const bits = first < V6_BASE ? 32 : 128
    for (let from = first; from <= last; ) {
      let free = 0
      while (free < bits && from % (2n << BigInt(free)) === 0n && from + (2n << BigInt(free)) - 1n <= last) free++
      yield { address: addressAt(from), prefix: bits - free }
      from += 1n << BigInt(free)
    }
  }
}

/** For people: `192.0.2.1`, `192.0.2.0/24`, or `192.0.2.1-192.0.2.9` where no single block fits. */
export function formatSpan(span: Span): string {
  if (span.first === span.last) return formatAddress(addressAt(span.first))
  const [block, more] = cidrsOf({ spans: [span] })
  if (block && !more) return formatCidr(block)
  return `${formatAddress(addressAt(span.first))}-${formatAddress(addressAt(span.last))}`
}

export function formatCidr({ address, prefix }: Cidr): string {
  return `${formatAddress(address)}/${prefix}`
}
