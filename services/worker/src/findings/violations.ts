import { type Evidence, evaluatePolicy, type Violation } from '@portolan/core/exposure/evaluate-policy.ts'
import type { Policy, Severity } from '@portolan/core/exposure/policy.ts'
import { compilePolicy, type PolicyDocument } from '@portolan/core/exposure/policy-document.ts'
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import { PORT_BOOK } from '@portolan/core/registry/ports.ts'

/** What one rule has against one endpoint. */
export type Found = {
  /** Of the rule; `otherwise` when it is that no rule allows it. */
  readonly ruleId: string
  readonly subject: string
  readonly endpoint: EndpointKey
  readonly severity: Severity
  readonly kinds: readonly string[]
  readonly text: string
}

export type StoredPolicy = { readonly id: string; readonly name: string; readonly document: PolicyDocument }

export const subjectOf = ({ vantage, ip, transport, port }: EndpointKey) => `${vantage} ${ip} ${transport}/${port}`
export const keyOf = ({ ruleId, subject }: Pick<Found, 'ruleId' | 'subject'>) => `${ruleId} ${subject}`

/** Null when the policy cannot be read: it is older than the rules it was checked by. */
export function readPolicy({ name, document }: StoredPolicy): Policy | null {
  const compiled = compilePolicy(name, document, PORT_BOOK)
  return compiled.ok ? compiled.policy : null
}

/** By `keyOf`. */
export function violationsOf(policy: Policy, evidence: Evidence, now: number): Map<string, Found> {
  const found = new Map<string, Found>()
  for (const violation of evaluatePolicy(policy, evidence, now)) {
    const next = foundOf(violation)
    const known = found.get(keyOf(next))
    const merged = known && { ...known, kinds: [...known.kinds, ...next.kinds], text: `${known.text} ${next.text}` }
    found.set(keyOf(next), merged ?? next)
  }
  return found
}

function foundOf({ kind, endpoint, ruleId, severity, detail }: Violation): Found {
  const subject = subjectOf(endpoint)
  return { ruleId: ruleId ?? 'otherwise', subject, endpoint, severity, kinds: [kind], text: detail }
}
