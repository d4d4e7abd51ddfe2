/**
 * Which scan is planned next. A job in the plan queue stands for a turn, not for the scan it names: who comes first in
 * the queue would otherwise have everybody wait who asks for less, or less urgently.
 */
import { JOB_VERSION, type PlanScan } from '@portolan/core/jobs.ts'
import type { Parts } from './parts.ts'

const NO_KEY = '00000000-0000-0000-0000-000000000000'
const KEY = `coalesce(key_id, '${NO_KEY}')`
const UNPLANNED = `status IN ('queued', 'planning')`
/** On `scans`: to be planned, and not at rest. */
export const DUE = `${UNPLANNED} AND wanted <> 'cancel' AND coalesce(step_retry_at <= now(), true)`

/**
 * A lottery among keys and priorities, whatever number of scans each has waiting: a step of priority is worth half a
 * chance more, and nobody's chance is ever nothing. From one pair to the next along the index: they are few. Whoever is
 * drawn rests for a lease, so that the next turn draws somebody else, or the same again if this one's worker dies. Of two
 * that draw the same at the same time the second waits for the first, and finds it resting.
 */
export const DRAW = `
  WITH RECURSIVE lots (key, priority) AS (
    (SELECT ${KEY}, priority FROM scans WHERE ${UNPLANNED} ORDER BY 1, 2 LIMIT 1)
    UNION ALL
    SELECT next.* FROM lots CROSS JOIN LATERAL (
      SELECT ${KEY}, priority FROM scans WHERE ${UNPLANNED} AND (${KEY}, priority) > (lots.key, lots.priority)
      ORDER BY 1, 2 LIMIT 1) AS next
  ), drawn AS (
    SELECT first.id FROM lots CROSS JOIN LATERAL (
      SELECT id FROM scans WHERE ${KEY} = lots.key AND scans.priority = lots.priority AND ${DUE} ORDER BY id LIMIT 1
    ) AS first
    ORDER BY -ln(1 - random()) / power(1.5::float8, lots.priority) LIMIT 1
  ), taken AS (
    UPDATE scans SET step_retry_at = now() + $1 * interval '1 millisecond'
    FROM drawn WHERE scans.id = drawn.id AND ${DUE} RETURNING scans.id
  )
  SELECT drawn.id, taken.id IS NOT NULL AS mine FROM drawn LEFT JOIN taken USING (id)`

/** Null: every scan is planned, or being planned, or rests after a failure. */
export async function nextToPlan({ db, lease }: Pick<Parts, 'db' | 'lease'>): Promise<PlanScan | null> {
  for (;;) {
    const { rows } = await db.query<{ id: string; mine: boolean }>({ name: 'next', text: DRAW, values: [lease] })
    const [drawn] = rows
    if (drawn === undefined) return null
    if (drawn.mine) return { name: 'plan', v: JOB_VERSION, scanId: drawn.id }
  }
}
