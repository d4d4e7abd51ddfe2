/** Reads of scans. Plain SQL: the single read is the busiest statement of the API, and progress is a sum over shards. */
import type { Pool } from 'pg'
import type { Progress, Refused, Scan, ScanRequest } from './schema.ts'
import { ENDED } from './schema.ts'

export interface ScanRow {
  readonly id: string
  readonly status: Scan['status']
  readonly status_reason: string | null
  readonly request: ScanRequest
  readonly rate: number | null
  readonly per_host_rate: number | null
  readonly hosts_total: number
  readonly probes_total: number
  readonly refused: Refused[]
  readonly summary: Record<string, unknown> | null
  readonly results: Scan['results']
  readonly rerun_of: string | null
  readonly schedule_id: string | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly finished_at: Date | null
  readonly probes_done: number
  readonly open: number
}

const COLUMNS = `s.id, s.status, s.request, s.rate, s.per_host_rate, s.hosts_total, s.probes_total,
  coalesce(s.status_reason, CASE WHEN s.finished_at IS NULL THEN 'tried again: ' || s.step_error END) AS status_reason,
  s.refused, s.summary, s.results, s.rerun_of, s.schedule_id, s.created_at, s.started_at, s.finished_at,
  coalesce(p.probes_done, 0) AS probes_done, coalesce(p.open, 0) AS open`

const PROGRESS = `LEFT JOIN LATERAL (
  SELECT sum(checkpoint - from_position)::bigint AS probes_done, sum(open)::bigint AS open FROM shards WHERE scan_id = s.id
) p ON true`

const SOME = {
  name: 'scans-by-id',
  text: `SELECT ${COLUMNS}, s.project_id FROM scans s ${PROGRESS} WHERE s.id = ANY ($1::uuid[])`,
}

/** First the page, then the progress of what is on it: planned as one, every scan would be summed up before the page is cut. */
export const PAGE = {
  name: 'scan-page',
  text: `SELECT ${COLUMNS} FROM (
      SELECT * FROM scans
      WHERE project_id = $1 AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        AND ($3::text[] IS NULL OR status::text = ANY ($3)) AND ($4::text IS NULL OR label = $4)
      ORDER BY id DESC LIMIT $5
    ) s ${PROGRESS} ORDER BY s.id DESC`,
}

export interface Wanted {
  readonly projectId: string
  readonly id: string
}

/** In the order of the question; null where the project has no such scan. */
export async function findScans(pool: Pool, wanted: readonly Wanted[]): Promise<(ScanRow | null)[]> {
  const ids = [...new Set(wanted.map(({ id }) => id))]
  const { rows } = await pool.query<ScanRow & { project_id: string }>({ ...SOME, values: [ids] })
  const found = new Map(rows.map((row) => [row.id, row]))
  return wanted.map(({ projectId, id }) => {
    const row = found.get(id)
    return row?.project_id === projectId ? row : null
  })
}

export interface ScanFilter {
  readonly before: string | null
  readonly statuses: readonly string[] | null
  readonly label: string | null
  readonly limit: number
}

/** Newest first: ids are made in the order of time. */
export async function listScans(pool: Pool, projectId: string, filter: ScanFilter, now: Date): Promise<Scan[]> {
  const { before, statuses, label, limit } = filter
  const { rows } = await pool.query<ScanRow>({ ...PAGE, values: [projectId, before, statuses, label, limit] })
  return rows.map((row) => viewOf(row, now))
}

export function viewOf(row: ScanRow, now: Date): Scan {
  const {
    targets,
    exclude,
    ports,
    engine,
    services,
    vantages,
    discovery,
    record,
    priority,
    label,
    timeoutSeconds,
    windows,
  } = row.request
  return {
    id: row.id,
    status: row.status,
    statusReason: row.status_reason,
    label: label ?? null,
    targets,
    exclude,
    ports,
    engine,
    services,
    rate: row.rate,
    perHostRate: row.per_host_rate,
    vantages,
    discovery,
    record,
    priority,
    timeoutSeconds: timeoutSeconds ?? null,
    windows: windows ?? null,
    hosts: row.hosts_total,
    probes: row.probes_total,
    refused: row.refused,
    progress: progressOf(row, now),
    summary: row.summary,
    results: row.results,
    rerunOf: row.rerun_of,
    scheduleId: row.schedule_id,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  }
}

export function progressOf(
  row: Pick<ScanRow, 'probes_done' | 'probes_total' | 'open' | 'status' | 'started_at' | 'finished_at'>,
  now: Date,
): Progress {
  const { probes_done: done, probes_total: total } = row
  const until = (row.finished_at ?? now).getTime()
  const seconds = row.started_at ? Math.max(0.001, (until - row.started_at.getTime()) / 1000) : 0
  const rate = seconds > 0 ? done / seconds : 0
  const going = !ENDED.includes(row.status)
  return {
    probesDone: done,
    probesTotal: total,
    percent: total > 0 ? Math.min(100, Math.floor((done / total) * 1000) / 10) : 0,
    etaSeconds: going && rate > 0 ? Math.ceil(Math.max(0, total - done) / rate) : null,
    rate: Math.round(rate),
    open: row.open,
  }
}
