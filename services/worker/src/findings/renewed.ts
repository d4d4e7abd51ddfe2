import type { Known } from './store-findings.ts'
import type { Found } from './violations.ts'

/** What is known already and is wrong in another way now, or again. */
export function renewedIn(violations: ReadonlyMap<string, Found>, known: ReadonlyMap<string, Known>, now: number) {
  return [...violations].flatMap(([key, found]) => {
    const before = known.get(key)
    if (before === undefined) return []
    const slept = before.status === 'snoozed' && (before.snoozedUntil?.getTime() ?? 0) <= now
    const reopened = before.status === 'resolved' || slept
    const same = before.detail.text === found.text && before.severity === found.severity
    return same && !reopened ? [] : [{ known: before, found, reopened }]
  })
}
