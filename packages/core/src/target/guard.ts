/**
 * The scope guard: which of these addresses may be scanned, and why not the others. Pure set algebra over ranges, so
 * 0.0.0.0/0 costs what one address costs. The same function runs in the API, in planning and in the worker.
 *
 * In this order: the do-not-scan list beats everything; an address in a special-purpose range needs an entry that lies
 * inside the innermost such range (it *names* it: 0.0.0.0/0 does not open 10.0.0.0/8, 169.254.0.0/16 does not open the
 * metadata service); any other address needs an entry that contains it. IPv6 addresses that carry an IPv4 address
 * (v4-mapped, NAT64, 6to4) are judged as that IPv4 address.
 */
import assert from 'node:assert/strict'
import type { Address } from './address.ts'
import {
  type AddressSet,
  contains,
  covers,
  EMPTY_SET,
  intersect,
  isEmpty,
  type Span,
  setOf,
  spanOfCidr,
  subtract,
  union,
} from './address-set.ts'
import { parseCidr } from './cidr.ts'
import { SPECIAL_PURPOSE, type SpecialPurpose } from './special-purpose.data.ts'
import { unwrapSet, wrapSet } from './wrapped-set.ts'

/** One line of the scope. */
export type ScopeEntry = {
  /** Canonical CIDR text; what does not parse is a broken caller contract. */
  readonly cidr: string
  /** Milliseconds since 1970; from then on the entry allows nothing. Null: never. */
  readonly expiresAt: number | null
}

/** One line of the list that beats every scope. */
export type DoNotScanEntry = { readonly cidr: string; readonly reason?: string | null }

export type Scope = { readonly allow: readonly ScopeEntry[]; readonly deny: readonly DoNotScanEntry[] }

export type Refusal = {
  readonly addresses: AddressSet
  readonly reason: 'do-not-scan' | 'special-purpose' | 'expired' | 'not-in-scope'
  /** One clause for people, naming the entry or the registry line. */
  readonly detail: string
}

export type Verdict = { readonly allowed: AddressSet; readonly refused: readonly Refusal[] }

/** What a new installation may scan: itself. Its own interface addresses are added by the caller. */
export const DEFAULT_SCOPE: Scope = {
  allow: [
    { cidr: '127.0.0.0/8', expiresAt: null },
    { cidr: '::1/128', expiresAt: null },
  ],
  deny: [],
}

type SpecialRange = SpecialPurpose & { readonly span: Span; readonly set: AddressSet }

/** Innermost first: the smaller of two nested ranges decides. */
const SPECIAL_RANGES: readonly SpecialRange[] = SPECIAL_PURPOSE.map((special) => {
  const span = spanOf(special.cidr)
  return { ...special, span, set: { spans: [span] } }
}).sort((a, b) => Number(a.span.last - a.span.first) - Number(b.span.last - b.span.first))

/** The innermost special-purpose range an address is in; null for an ordinary address. */
export function specialPurposeOf(address: Address): SpecialPurpose | null {
  return SPECIAL_RANGES.find(({ set }) => contains(set, address)) ?? null
}

function spanOf(cidr: string): Span {
  const parsed = parseCidr(cidr)
  assert(parsed.ok, `${cidr} is not a CIDR block`)
  return spanOfCidr(parsed.value)
}

/** `now` in milliseconds since 1970. */
export function checkScope(targets: AddressSet, scope: Scope, now: number): Verdict {
  const { plain, carried, pieces } = unwrapSet(targets)
  const direct = judge(plain, scope, now)
  if (isEmpty(carried)) return direct
  const inner = judge(carried, scope, now)
  // The deny list may also name the outer form, such as all of 64:ff9b::/96.
  const outer = denied(subtract(targets, plain), scope)
  const wrapped = inner.refused.map((refusal) => ({
    ...refusal,
    addresses: wrapSet(refusal.addresses, pieces),
    detail: `carries an IPv4 address; ${refusal.detail}`,
  }))
  return {
    allowed: union(direct.allowed, subtract(wrapSet(inner.allowed, pieces), union(...outer.map((r) => r.addresses)))),
    refused: [...direct.refused, ...outer, ...wrapped],
  }
}

function denied(targets: AddressSet, { deny }: Scope): Refusal[] {
  const refused: Refusal[] = []
  for (const { cidr, reason } of deny) {
    const addresses = intersect(targets, { spans: [spanOf(cidr)] })
    if (isEmpty(addresses)) continue
    refused.push({
      addresses,
      reason: 'do-not-scan',
      detail: `${cidr} is on the do-not-scan list${reason ? `: ${reason}` : ''}`,
    })
  }
  return refused
}

function judge(targets: AddressSet, scope: Scope, now: number): Verdict {
  const refused = denied(targets, scope)
  let rest = subtract(targets, union(...refused.map((refusal) => refusal.addresses)))
  let allowed = EMPTY_SET
  const entries = scope.allow.map(({ cidr, expiresAt }) => {
    const set: AddressSet = { spans: [spanOf(cidr)] }
    return { cidr, set, live: expiresAt === null || expiresAt > now }
  })
  const settle = (candidates: AddressSet, usable: typeof entries, otherwise: Omit<Refusal, 'addresses'>) => {
    const live = setOf(usable.filter((entry) => entry.live).flatMap((entry) => entry.set.spans))
    allowed = union(allowed, intersect(candidates, live))
    let bad = subtract(candidates, live)
    for (const { cidr, set } of usable.filter((entry) => !entry.live)) {
      const addresses = intersect(bad, set)
      if (isEmpty(addresses)) continue
      refused.push({ addresses, reason: 'expired', detail: `the scope entry ${cidr} has expired` })
      bad = subtract(bad, set)
    }
    if (!isEmpty(bad)) refused.push({ addresses: bad, ...otherwise })
  }
  for (const special of SPECIAL_RANGES) {
    const part = intersect(rest, special.set)
    if (isEmpty(part)) continue
    rest = subtract(rest, special.set)
    const naming = entries.filter((entry) => covers(special.set, entry.set))
    const detail = `${special.cidr} is special purpose (${special.name}, ${special.source}) and no scope entry names it`
    settle(part, naming, { reason: 'special-purpose', detail })
  }
  settle(rest, entries, { reason: 'not-in-scope', detail: 'no scope entry contains it' })
  return { allowed, refused }
}
