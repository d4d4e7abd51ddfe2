/** Runs of schedules that did not come about: told once, until something else happens to the schedule. */
import type { News } from '@portolan/core/exposure/news.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import { announce } from './announce.ts'

type Row = {
  readonly id: string
  readonly scheduleId: string
  readonly projectId: string
  readonly name: string
  readonly dueAt: Date
  readonly reason: string
  readonly repeated: boolean
}

/** Two scans that are in the way are one reason: what follows the colon tells them apart. */
const SKIPPED = `
  WITH fresh AS (UPDATE schedule_runs SET told = true WHERE outcome = 'skipped' AND NOT told RETURNING *)
  SELECT r.id, r.schedule_id AS "scheduleId", d.project_id AS "projectId", d.name, r.due_at AS "dueAt", r.reason,
    coalesce((SELECT b.outcome = 'skipped' AND split_part(b.reason, ':', 1) = split_part(r.reason, ':', 1)
      FROM schedule_runs b WHERE b.schedule_id = r.schedule_id AND b.id < r.id ORDER BY b.id DESC LIMIT 1), false)
      AS repeated
  FROM fresh r JOIN schedules d ON d.id = r.schedule_id ORDER BY r.id`

export async function tellSkippedRuns(db: pg.Pool): Promise<void> {
  await transaction(db, async (client) => {
    const { rows } = await client.query<Row>(SKIPPED)
    for (const row of rows.filter(({ repeated }) => !repeated))
      await announce(client, row.projectId, [newsOf(row)], { batch: row.id, now: Date.now() })
  })
}

function newsOf({ id, scheduleId, name, dueAt, reason }: Row): News {
  return {
    type: 'schedule.skipped',
    key: `run ${id}`,
    at: dueAt.toISOString(),
    text: `schedule ${name} was skipped: ${reason}`,
    severity: null,
    place: null,
    scheduleId,
    data: { id, scheduleId, name, dueAt: dueAt.toISOString(), reason },
  }
}
