import type pg from 'pg'
import { type Known, knownFindings, openFindings, renewFindings } from './store-findings.ts'
import { type Found, keyOf } from './violations.ts'

type Violations = ReadonlyMap<string, Found>
type Owner = { readonly projectId: string; readonly policyId: string }

/** Opens a finding for each violation there is none of yet, and renews the others; returns the findings there were before. */
export async function storeViolations(client: pg.ClientBase, owner: Owner, violations: Violations, now: number) {
  const known = await knownFindings(client, owner.policyId)
  const fresh = [...violations.values()].filter((found) => !known.has(keyOf(found)))
  await openFindings(client, owner, fresh)
  await renewFindings(client, renewedIn(violations, known, now))
  return known
}

/** What is known already and is wrong in another way now, or again. */
function renewedIn(violations: Violations, known: ReadonlyMap<string, Known>, now: number) {
  return [...violations].flatMap(([key, found]) => {
    const before = known.get(key)
    if (before === undefined) return []
    const slept = before.status === 'snoozed' && (before.snoozedUntil?.getTime() ?? 0) <= now
    const reopened = before.status === 'resolved' || slept
    const same = before.detail.text === found.text && before.severity === found.severity
    return same && !reopened ? [] : [{ known: before, found, reopened }]
  })
}
