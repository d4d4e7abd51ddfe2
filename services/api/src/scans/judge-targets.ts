/**
 * Which targets of a request the scope lets through, told per target.
 *
 * A target that is partly on the do-not-scan list or partly special-purpose is scanned without that part, and the part
 * is reported; that is what such lists are for. A target that is entirely refused, or reaches beyond the scope, stops
 * the request: scanning half of what somebody asked for would look like an answer. So does a name one of whose
 * addresses is special-purpose: nobody publishes 169.254.169.254 by accident.
 */
import { formatAddress } from '@portolan/core/target/address.ts'
import {
  type AddressSet,
  cidrsOf,
  EMPTY_SET,
  intersect,
  isEmpty,
  setOf,
  spanOfCidr,
  subtract,
  union,
} from '@portolan/core/target/address-set.ts'
import { parseCidr } from '@portolan/core/target/cidr.ts'
import { checkScope, type Scope } from '@portolan/core/target/guard.ts'
import { parseTargets, resolveTargets } from '@portolan/core/target/target-spec.ts'
import { type FieldError, Problem } from '../http/problem.ts'
import type { Answers } from './resolve-names.ts'
import type { Refused } from './schema.ts'

export interface Bounds {
  readonly scope: Scope
  /** The only networks the key may scan; empty: whatever the scope allows. */
  readonly keyLimits: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface Judgement {
  readonly allowed: AddressSet
  readonly refused: readonly Refused[]
  /** Set when the request must be refused as a whole. */
  readonly fatal: Problem | null
}

export interface JudgeInput {
  readonly specs: readonly string[]
  /** All targets, exclusions applied. */
  readonly addresses: AddressSet
  readonly answers: Answers
  readonly bounds: Bounds
}

type Part = { readonly addresses: AddressSet; readonly reason: Refused['reason']; readonly detail: string }

const MOST_REPORTED = 100

export function judgeTargets({ specs, addresses, answers, bounds }: JudgeInput): Judgement {
  const { scope, keyLimits, now } = bounds
  const verdict = checkScope(addresses, scope, now)
  const parts: Part[] = [...verdict.refused]
  const beyond = keyLimits.length === 0 ? EMPTY_SET : subtract(verdict.allowed, setOfCidrs(keyLimits))
  if (!isEmpty(beyond))
    parts.push({ addresses: beyond, reason: 'key-limit', detail: `this key may scan only ${keyLimits.join(', ')}` })
  const allowed = subtract(verdict.allowed, beyond)
  if (parts.length === 0) return { allowed, refused: [], fatal: null }

  const refused: Refused[] = []
  const errors: FieldError[] = []
  for (const [i, spec] of specs.entries()) {
    const { isName, set } = reach(spec, answers)
    const own = intersect(set, addresses)
    for (const part of parts) {
      const hit = intersect(own, part.addresses)
      if (isEmpty(hit)) continue
      const addressText = describeSet(hit)
      refused.push({ target: spec, reason: part.reason, detail: part.detail, addresses: addressText })
      const leftOut = part.reason === 'do-not-scan' || (part.reason === 'special-purpose' && !isName)
      if (!leftOut || isEmpty(intersect(own, allowed)))
        errors.push({ in: 'body', pointer: `#/targets/${i}`, detail: `${addressText}: ${part.detail}` })
    }
  }
  return { allowed, refused: refused.slice(0, MOST_REPORTED), fatal: refusal(errors) }
}

function refusal(errors: readonly FieldError[]): Problem | null {
  const [first] = errors
  return first ? new Problem('out-of-scope', first.detail, { errors: errors.slice(0, 50) }) : null
}

function reach(spec: string, answers: Answers): { readonly isName: boolean; readonly set: AddressSet } {
  const parsed = parseTargets([spec])
  if (!parsed.ok) return { isName: false, set: EMPTY_SET }
  const { addresses: set } = resolveTargets({ targets: parsed.targets, answers })
  return { isName: parsed.targets.names.length > 0, set }
}

function setOfCidrs(cidrs: readonly string[]): AddressSet {
  return union(
    ...cidrs.map((cidr) => {
      const parsed = parseCidr(cidr)
      return parsed.ok ? setOf([spanOfCidr(parsed.value)]) : EMPTY_SET
    }),
  )
}

/** The first few blocks of a set. */
function describeSet(set: AddressSet): string {
  const shown: string[] = []
  for (const { address, prefix } of cidrsOf(set)) {
    if (shown.length === 3) return `${shown.join(', ')}, ...`
    const text = formatAddress(address)
    shown.push(prefix === (address.family === 4 ? 32 : 128) ? text : `${text}/${prefix}`)
  }
  return shown.join(', ')
}
