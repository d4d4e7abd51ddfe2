import { IPV4_WRAPPERS } from './address.ts'
import { type AddressSet, intersect, pointOf, type Span, setOf, subtract, union } from './address-set.ts'

/** A run of IPv6 addresses under one wrapping prefix. */
export type WrappedPiece = { readonly span: Span; readonly base: bigint; readonly shift: bigint }

/**
 * Splits a set into addresses that mean themselves and those that carry an IPv4 address; `carried` is the set of the
 * IPv4 addresses inside, `pieces` says where they came from.
 */
export function unwrapSet(set: AddressSet): {
  plain: AddressSet
  carried: AddressSet
  pieces: readonly WrappedPiece[]
} {
  const pieces = IPV4_WRAPPERS.flatMap(({ base: value, prefix, shift }) => {
    const base = pointOf({ family: 6, value })
    const all = { spans: [{ first: base, last: base + (1n << BigInt(128 - prefix)) - 1n }] }
    return intersect(set, all).spans.map((span) => ({ span, base, shift }))
  })
  const carried = setOf(
    pieces.map(({ span, base, shift }) => ({ first: (span.first - base) >> shift, last: (span.last - base) >> shift })),
  )
  return { plain: subtract(set, setOf(pieces.map((piece) => piece.span))), carried, pieces }
}

/** The addresses of `pieces` that carry an address of `v4`. */
export function wrapSet(v4: AddressSet, pieces: readonly WrappedPiece[]): AddressSet {
  return union(
    ...pieces.map(({ span, base, shift }) => {
      const outer = v4.spans.map(({ first, last }) => ({
        first: base + (first << shift),
        last: base + ((last + 1n) << shift) - 1n,
      }))
      return intersect({ spans: [span] }, { spans: outer })
    }),
  )
}
