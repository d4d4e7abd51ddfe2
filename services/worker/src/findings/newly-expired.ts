import { compilePolicy, selectsByName } from '@portolan/core/exposure/policy-document.ts'
import { PORT_BOOK } from '@portolan/core/registry/ports.ts'
import { loadHostLabels } from '@portolan/db/host-labels.ts'
import type pg from 'pg'
import { openAmong } from './open-among.ts'
import { type Found, keyOf, type StoredPolicy, violationsOf } from './violations.ts'

type Policy = StoredPolicy & { readonly projectId: string }
/** Milliseconds since 1970: after `from`, until `to`. */
type Time = { readonly from: number; readonly to: number }

/** What is open by rules of the policy that expired in this time, by `keyOf`. */
export async function allowedUntilNow(client: pg.ClientBase, policy: Policy, { from, to }: Time) {
  const { projectId, name, document } = policy
  const violations = new Map<string, Found>()
  const compiled = compilePolicy(name, document, PORT_BOOK)
  if (!compiled.ok) return violations
  const expired = compiled.policy.rules.filter(
    ({ expiresAt }) => expiresAt !== null && expiresAt > from && expiresAt <= to,
  )
  const ids = new Set(expired.map(({ id }) => id))
  const labels = await loadHostLabels(client, projectId, selectsByName(document) ? null : [])
  for await (const open of openAmong(client, projectId, expired)) {
    const evidence = { open, vantages: [], covers: () => false, labels }
    for (const found of violationsOf(policy, evidence, to)?.values() ?? [])
      if (ids.has(found.ruleId) && found.kinds.includes('rule-expired')) violations.set(keyOf(found), found)
  }
  return violations
}
