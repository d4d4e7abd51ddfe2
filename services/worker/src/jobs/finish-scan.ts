import type { FinishScan } from '@portolan/core/jobs.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import { firstLook, lookTwice } from '../confirm/confirm-first.ts'
import { ifPossible, type ScanEnd, tellEnd, writeEnd } from '../end-scan.ts'
import { recordFindings } from '../findings/record-findings.ts'
import { lockHistoryOf } from '../history/lock-history.ts'
import { recordHistory, recordNew } from '../history/record-history.ts'
import type { Parts } from '../parts.ts'

type ScanRow = {
  readonly project_id: string
  readonly wanted: string
  readonly status_reason: string | null
  /** Null: nothing of it has begun. */
  readonly started_at: Date | null
}

const READ = 'SELECT project_id, wanted, status_reason, started_at FROM scans WHERE id = $1'

type Totals = {
  readonly left: number
  readonly done: number
  readonly failed: number
  readonly cancelled: number
  readonly probes: number
  readonly probed: number
  readonly open: number
  readonly closed: number
  readonly filtered: number
  readonly open_filtered: number
  readonly sent: number
  readonly received: number
  readonly loss: number | null
  readonly recall: number | null
  /** Hosts found alive at each vantage, of a scan that looked for them. */
  readonly live: Readonly<Record<string, number>> | null
  /** Hosts on which everything opens, by vantage. */
  readonly tarpits: Readonly<Record<string, readonly string[]>> | null
}

/** What of the scan has not been looked at, and why. Positions are those of the scan's own order. */
type Gap = {
  readonly vantage: string
  readonly transport: string
  readonly from: number
  readonly to: number
  readonly reason: string
}

const MOST_GAPS = 100

/** Of scans that may have come to their end. */
export const OPEN_ENDED = ['running', 'paused', 'finishing']

type FinishOptions = {
  /** Whether what seems changed is looked at once more, where it has not been, before the scan ends. */
  readonly twice?: boolean
}

/**
 * Sums up a scan whose shards have all ended. Running it again, or too early, changes nothing. Returns the vantages that
 * have to look again before there is an end. One transaction, so that what is compared for the second look is not
 * compared again for the end: of most scans nothing is to be looked at twice.
 */
export async function finishScan(
  { db, log }: Pick<Parts, 'db' | 'log'>,
  { scanId }: FinishScan,
  { twice = false }: FinishOptions = {},
): Promise<readonly string[]> {
  const { status, vantages } = await transaction(db, async (client) => {
    // Before the row of the scan: whoever wants something of the scan need not wait for the comparison.
    await lockHistoryOf(client, scanId)
    const look = twice ? await firstLook(client, scanId) : null
    const scans = await client.query<ScanRow>(`${READ} AND status::text = ANY ($2) FOR UPDATE`, [scanId, OPEN_ENDED])
    const [row] = scans.rows
    const end = row === undefined ? null : await takeStock(client, scanId, row)
    if (row === undefined || end === null) return { status: null, vantages: [] }
    const vantages = look && (await lookTwice(client, scanId, look))
    if (vantages !== null && vantages.length > 0) return { status: null, vantages }
    await writeEnd(client, scanId, end)
    if (look === null || vantages === null) await recordHistory(client, scanId, row.project_id)
    else if (look.left > 0) await recordNew(client, scanId, row.project_id)
    await recordFindings(client, scanId, row.project_id)
    await tellEnd(client, scanId, row.project_id)
    return { status: end.status, vantages: [] }
  })
  if (status !== null) log.info({ scanId, status }, 'scan finished')
  return vantages
}

/**
 * The same for a scan that was cancelled before anything of it began, which is over as soon as its user says so, whether
 * a worker is there or not: it gets the summary of nothing, and who waits for its end is told.
 */
export async function tellCancelled({ db, log }: Pick<Parts, 'db' | 'log'>, { scanId }: FinishScan): Promise<void> {
  await transaction(db, async (client) => {
    const scans = await client.query<ScanRow>(`${READ} AND status = 'cancelled' AND summary IS NULL FOR UPDATE`, [
      scanId,
    ])
    const [row] = scans.rows
    const end = row === undefined ? null : await takeStock(client, scanId, row)
    if (row === undefined || end === null) return
    await client.query('UPDATE scans SET summary = $2 WHERE id = $1', [scanId, JSON.stringify(end.summary)])
    const [told] = await ifPossible(client, () => tellEnd(client, scanId, row.project_id))
    log.info({ scanId, err: told }, 'scan cancelled before it began')
  })
}

/** The end of a scan that cannot be finished: its observations are there, but nothing knows whether they are news. */
export async function endWithoutHistory(client: pg.ClientBase, scanId: string, why: string): Promise<ScanEnd | null> {
  const reason = `what it found could not be compared with what is known: ${why}`
  const [error, end] = await ifPossible(client, async () => {
    const { rows } = await client.query<ScanRow>(READ, [scanId])
    return rows[0] === undefined ? null : takeStock(client, scanId, rows[0])
  })
  if (error !== null) return { status: 'failed', reason, summary: null }
  return end && { ...end, status: end.status === 'completed' ? 'partial' : end.status, reason }
}

/** Null: some of it is still to be done. */
async function takeStock(client: pg.ClientBase, scanId: string, row: ScanRow): Promise<ScanEnd | null> {
  const totals = await sumUp(client, scanId)
  if (totals.left > 0) return null
  const gaps = await gapsOf(client, scanId)
  const status = verdictOf(row.wanted, totals)
  const reason = status === 'completed' ? null : (row.status_reason ?? gaps[0]?.reason ?? null)
  return { status, reason, summary: summaryOf(totals, gaps, row.started_at) }
}

async function sumUp(client: pg.ClientBase, scanId: string): Promise<Totals> {
  const count = (condition: string, name: string) => `count(*) FILTER (WHERE ${condition})::int AS ${name}`
  const sum = (column: string) => `coalesce(sum(${column}), 0)::bigint AS ${column}`
  const mean = (column: string) =>
    `(sum(${column} * sent) / nullif(sum(sent) FILTER (WHERE ${column} IS NOT NULL), 0))::float8 AS ${column}`
  const { rows } = await client.query<Totals>(
    `SELECT ${count("state IN ('pending', 'claimed')", 'left')}, ${count("state = 'done'", 'done')},
       ${count("state = 'failed'", 'failed')}, ${count("state = 'cancelled'", 'cancelled')},
       coalesce(sum(to_position - from_position), 0)::bigint AS probes,
       coalesce(sum(checkpoint - from_position), 0)::bigint AS probed,
       ${['open', 'closed', 'filtered', 'open_filtered', 'sent', 'received'].map(sum).join(', ')},
       ${mean('loss')}, ${mean('recall')},
       (SELECT json_object_agg(vantage, hosts) FROM (SELECT vantage, sum(range_end - range_start + 1)::bigint AS hosts
         FROM live_hosts WHERE scan_id = $1 GROUP BY vantage) AS found) AS live,
       (SELECT json_object_agg(vantage, ips) FROM (SELECT vantage, json_agg(host(ip) ORDER BY ip) AS ips FROM
         (SELECT * FROM tarpits WHERE scan_id = $1 ORDER BY ip LIMIT ${MOST_GAPS}) AS first GROUP BY vantage) AS found
       ) AS tarpits
     FROM shards WHERE scan_id = $1`,
    [scanId],
  )
  const [totals] = rows
  if (totals === undefined) throw new Error('an aggregate returned no row')
  return totals
}

/** Neighbours that are missing for the same reason are one gap. A shard that looked for hosts counts its own positions. */
async function gapsOf(client: pg.ClientBase, scanId: string): Promise<readonly Gap[]> {
  const { rows } = await client.query<Gap>(
    `WITH missing AS (
       SELECT vantage, transport, ordinal < 0 AS discovery, state = 'cancelled' AS cancelled,
         checkpoint AS from_position, to_position, coalesce(error, state::text) AS reason
       FROM shards WHERE scan_id = $1 AND state IN ('failed', 'cancelled') AND (checkpoint < to_position OR ordinal < 0)
     ), marked AS (
       SELECT *, (from_position IS DISTINCT FROM lag(to_position) OVER neighbours)::int AS begins FROM missing
       WINDOW neighbours AS (PARTITION BY vantage, transport, discovery, cancelled, reason ORDER BY from_position)
     ), numbered AS (
       SELECT *, sum(begins) OVER (PARTITION BY vantage, transport, discovery, cancelled, reason ORDER BY from_position)
         AS stretch FROM marked
     )
     SELECT vantage, transport, min(from_position) AS from, max(to_position) AS to, reason FROM numbered
     GROUP BY vantage, transport, discovery, cancelled, reason, stretch
     ORDER BY cancelled, vantage, transport, NOT discovery, min(from_position) LIMIT $2`,
    [scanId, MOST_GAPS],
  )
  return rows
}

/** `partial`: some of it is missing, and not because its user said so. */
function verdictOf(wanted: string, { done, failed, cancelled, probed }: Totals) {
  if (wanted === 'cancel' && cancelled > 0) return 'cancelled'
  if (failed + cancelled === 0) return 'completed'
  return done === 0 && probed === 0 ? 'failed' : 'partial'
}

function summaryOf(totals: Totals, gaps: readonly Gap[], startedAt: Date | null) {
  const { probes, probed, open, closed, filtered, open_filtered: openFiltered, sent, received } = totals
  const seconds = startedAt === null ? 0 : (Date.now() - startedAt.getTime()) / 1000
  return {
    probes,
    probed,
    open,
    closed,
    filtered,
    openFiltered,
    sent,
    received,
    lossEstimate: totals.loss,
    recallEstimate: totals.recall,
    seconds: Math.round(seconds * 1000) / 1000,
    shards: { done: totals.done, failed: totals.failed, cancelled: totals.cancelled },
    ...(totals.live === null ? {} : { liveHosts: totals.live }),
    ...(totals.tarpits === null ? {} : { allPortsOpen: totals.tarpits }),
    gaps,
  }
}
