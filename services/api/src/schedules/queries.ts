import type { Prisma, PrismaClient } from '@portolan/db/client.ts'
import type { Pool } from 'pg'
import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { runsAfter, type Timing } from './run-times.ts'
import { Schedule, type ScheduleRun, windowsOf } from './schema.ts'

type Db = PrismaClient | Prisma.TransactionClient
export type ScheduleRow = Prisma.ScheduleGetPayload<object>

/** How many runs are told ahead. */
const PREVIEW = 5

export const preview = (timing: Timing, now: Date): string[] =>
  runsAfter(timing, now, PREVIEW).map(({ at }) => at.toISOString())

export const timingOf = (row: ScheduleRow): Timing => ({ ...row, windows: windowsOf(row.request) })

export function viewOf(row: ScheduleRow, lastRun: ScheduleRun | null, now: Date): Schedule {
  const { projectId: _project, nextRunAt, request, ...rest } = row
  // What is due already, and not yet begun, is the next run all the same.
  const due = nextRunAt !== null && nextRunAt <= now ? [nextRunAt.toISOString()] : []
  return Schedule.parse({
    ...rest,
    scan: request,
    nextRuns: row.paused ? [] : [...due, ...preview(timingOf(row), now)].slice(0, PREVIEW),
    lastRun,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  })
}

/** A schedule of the caller's project; throws `not-found`. `lock` holds it until the transaction ends. */
export async function requireRow(
  { caller, params }: Call<{ readonly id: string }, unknown, unknown>,
  db: Db,
  lock = false,
): Promise<ScheduleRow> {
  if (lock) await db.$queryRaw`SELECT 1 FROM schedules WHERE id = ${params.id}::uuid FOR UPDATE`
  const row = await db.schedule.findFirst({ where: { id: params.id, projectId: caller.projectId } })
  if (row === null) throw new Problem('not-found', `there is no schedule ${params.id}`)
  return row
}

export async function refuseTaken(db: Db, projectId: string, name: string): Promise<void> {
  const before = await db.schedule.findFirst({ where: { projectId, name } })
  if (before) throw new Problem('conflict', `there is a schedule ${JSON.stringify(name)} already: ${before.id}`)
}

interface RunRow {
  readonly id: string
  readonly schedule_id: string
  readonly due_at: Date
  readonly outcome: ScheduleRun['outcome']
  readonly reason: string | null
  readonly scan_id: string | null
  readonly status: ScheduleRun['scanStatus']
  readonly created_at: Date
}

const runOf = (row: RunRow): ScheduleRun => ({
  id: row.id,
  dueAt: row.due_at.toISOString(),
  outcome: row.outcome,
  reason: row.reason,
  scanId: row.scan_id,
  scanStatus: row.status,
  createdAt: row.created_at.toISOString(),
})

/** Newest first. */
export async function listRuns(
  pool: Pool,
  scheduleId: string,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<ScheduleRun[]> {
  const { rows } = await pool.query<RunRow>(
    `SELECT r.*, s.status FROM schedule_runs r LEFT JOIN scans s ON s.id = r.scan_id
     WHERE r.schedule_id = $1 AND ($2::uuid IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3`,
    [scheduleId, before, limit],
  )
  return rows.map(runOf)
}

/** The latest run of each. */
export async function lastRuns(pool: Pool, scheduleIds: readonly string[]): Promise<Map<string, ScheduleRun>> {
  const { rows } = await pool.query<RunRow>(
    `SELECT r.*, s.status FROM unnest($1::uuid[]) AS wanted (id)
     CROSS JOIN LATERAL (SELECT * FROM schedule_runs WHERE schedule_id = wanted.id ORDER BY id DESC LIMIT 1) r
     LEFT JOIN scans s ON s.id = r.scan_id`,
    [scheduleIds],
  )
  return new Map(rows.map((row) => [row.schedule_id, runOf(row)]))
}
