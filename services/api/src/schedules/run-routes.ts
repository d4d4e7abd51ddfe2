import { readPage } from '../http/cursor.ts'
import { type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { Scan, ScanRequest } from '../scans/schema.ts'
import { START_PROBLEMS, startScan } from '../scans/start-scan.ts'
import { starterOf } from '../scans/starter.ts'
import { listRuns, requireRow } from './queries.ts'
import { ListRuns, SchedulePath, ScheduleRunPage } from './schema.ts'

const TAG = 'Schedules'

const run = operation({
  id: 'runSchedule',
  method: 'post',
  path: '/v1/schedules/{id}/run',
  tag: TAG,
  access: 'scan',
  summary: 'Run a schedule now',
  description: 'Also while it is paused; when it is next due stays as it is. On behalf of the key that asks.',
  params: SchedulePath,
  idempotent: true,
  answers: { 202: { description: 'Queued.', schema: Scan, headers: { Location: 'The scan.' } } },
  problems: ['not-found', 'conflict', ...START_PROBLEMS],
  async handle(call) {
    const { parts } = call
    const { id, request } = await requireRow(call, parts.db.prisma)
    return startScan(starterOf(call), ScanRequest.parse(request), {
      scheduleId: id,
      async together(client, scanId) {
        await client.query('SELECT FROM schedules WHERE id = $1 FOR UPDATE', [id])
        const busy = await client.query<{ id: string }>(
          `SELECT id FROM scans WHERE schedule_id = $1
             AND status IN ('queued', 'planning', 'running', 'paused', 'finishing') LIMIT 1`,
          [id],
        )
        if (busy.rows[0]) throw new Problem('conflict', `a run still goes on: scan ${busy.rows[0].id}`)
        await client.query(
          `INSERT INTO schedule_runs (schedule_id, due_at, outcome, reason, scan_id)
           VALUES ($1, clock_timestamp(), 'started', 'run by hand', $2)`,
          [id, scanId],
        )
      },
    })
  },
})

const runs = operation({
  id: 'listScheduleRuns',
  method: 'get',
  path: '/v1/schedules/{id}/runs',
  tag: TAG,
  access: 'read',
  summary: 'List the runs of a schedule',
  description: 'Newest first: what was started, what waits, what was skipped, and why.',
  params: SchedulePath,
  query: ListRuns,
  answers: { 200: { description: 'A page of runs.', schema: ScheduleRunPage } },
  problems: ['not-found'],
  async handle(call) {
    const { parts, query } = call
    const { id } = await requireRow(call, parts.db.prisma)
    const paging = { purpose: `runs ${id}`, ...query }
    const page = await readPage(parts.cursors, paging, (before, limit) =>
      listRuns(parts.db.pool, id, { before, limit }),
    )
    return ok(page)
  },
})

export const scheduleRunOperations: readonly Operation[] = [run, runs]
