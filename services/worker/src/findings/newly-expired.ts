import { selectsByName } from '@portolan/core/exposure/policy-document.ts'
import { loadHostLabels } from '@portolan/db/host-labels.ts'
import type pg from 'pg'
import { openAmong } from './open-among.ts'
import { type Found, keyOf, readPolicy, type StoredPolicy, violationsOf } from './violations.ts'

type ProjectPolicy = StoredPolicy & { readonly projectId: string }
/** Milliseconds since 1970: after `from`, until `to`. */
type Time = { readonly from: number; readonly to: number }

/** What is open by rules of the policy that expired in this time, by `keyOf`. */
export async function allowedUntilNow(client: pg.ClientBase, stored: ProjectPolicy, { from, to }: Time) {
  const { projectId, document } = stored
  const violations = new Map<string, Found>()
  const policy = readPolicy(stored)
  if (policy === null) return violations
  const expired = policy.rules.filter(({ expiresAt }) => expiresAt !== null && expiresAt > from && expiresAt <= to)
  const ids = new Set(expired.map(({ id }) => id))
  const labels = await loadHostLabels(client, projectId, selectsByName(document) ? null : [])
  for await (const open of openAmong(client, projectId, expired)) {
    const evidence = { open, vantages: [], covers: () => false, labels }
    for (const found of violationsOf(policy, evidence, to).values())
      if (ids.has(found.ruleId) && found.kinds.includes('rule-expired')) violations.set(keyOf(found), found)
  }
  return violations
}
