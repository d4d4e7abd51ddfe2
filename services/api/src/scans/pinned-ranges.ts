import { type Address, formatAddress } from '@portolan/core/target/address.ts'
import {
  type AddressSet,
  addressAt,
  contains,
  type Span,
  setOfAddresses,
  subtract,
} from '@portolan/core/target/address-set.ts'
import { Problem } from '../http/problem.ts'
import type { Answers } from './resolve-names.ts'

/** One row of a scan's targets. */
export interface PinnedRange {
  readonly spec: string
  /** The host name the address was pinned from: what TLS and HTTP will call the server by. */
  readonly name: string | null
  readonly first: string
  readonly last: string
}

/** More are a sign of a ragged list that CIDR blocks would say better. */
export const MOST_RANGES = 100_000

/** The set as disjoint rows; an address that came from a name has a row of its own, under the first such name. */
export function pinnedRanges(addresses: AddressSet, answers: Answers): PinnedRange[] {
  const named = new Map<string, { readonly name: string; readonly address: Address }>()
  for (const [name, found] of answers)
    for (const address of found) {
      const text = formatAddress(address)
      if (contains(addresses, address) && !named.has(text)) named.set(text, { name, address })
    }
  const rest = subtract(addresses, setOfAddresses([...named.values()].map(({ address }) => address)))
  if (rest.spans.length + named.size > MOST_RANGES)
    throw new Problem('too-large', `the targets fall apart into more than ${MOST_RANGES} ranges`)
  return [
    ...[...named].map(([text, { name }]) => ({ spec: name, name, first: text, last: text })),
    ...rest.spans.map(rangeOf),
  ]
}

function rangeOf({ first, last }: Span): PinnedRange {
  const from = formatAddress(addressAt(first))
  const to = formatAddress(addressAt(last))
  return { spec: from === to ? from : `${from}-${to}`, name: null, first: from, last: to }
}
