/**
 * Keeps tables and queue in step. Whatever the tables say is unfinished and the queue does not know is enqueued again,
 * so the queue may lose everything at any time; and scans end or pause here whose last shard did so unnoticed.
 */
import { isVantageName, JOB_VERSION, PLAN_QUEUE, planJob } from '@portolan/core/jobs.ts'
import { settleScans } from '@portolan/db/settle-scans.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import { afresh } from './afresh.ts'
import { dispatchShards } from './dispatch.ts'
import { hasSuccessor, LIVE_LEASES } from './live-workers.ts'
import { DUE } from './next-to-plan.ts'
import { tellSkippedRuns } from './notify/news-of-schedules.ts'
import type { Parts } from './parts.ts'
import { holdOutsideWindows } from './scan-windows.ts'
import { askToFinish } from './settle-scan.ts'

/** Any number: the lock that lets one worker at a time do this. */
export const LOCK = 72_707_370
/** Plan jobs added at a time; the rest follows when the queue has run low. */
const PLANS = 200

/** Scans that are not at their end, or that nobody has been told the end of: along two small indexes. */
const UNFINISHED = `
  SELECT EXISTS (SELECT FROM scans WHERE status IN ('queued', 'planning', 'running', 'paused', 'finishing'))
    OR EXISTS (SELECT FROM scans WHERE status = 'cancelled' AND summary IS NULL) AS any`

/** Where somebody stands who takes jobs of this version. */
const MANNED = `SELECT DISTINCT vantage AS id FROM workers
  WHERE job_version = ${JOB_VERSION} AND heartbeat_at > now() - $1 * interval '1 millisecond'`

const MISSING = `array_to_string(ARRAY(SELECT v FROM unnest(vantages) AS v WHERE v <> ALL ($1::text[]) ORDER BY v), ', ')`

/** Says in the scan that nobody stands where it wants to scan from, and takes it back when somebody comes. */
const UNMANNED = `
  UPDATE scans SET status_reason = 'waiting for a worker at ' || nullif(${MISSING}, '')
  WHERE status IN ('queued', 'planning', 'running')
    AND CASE WHEN status_reason IS NULL THEN NOT vantages <@ $1
      ELSE status_reason LIKE 'waiting for a worker at %'
        AND status_reason IS DISTINCT FROM 'waiting for a worker at ' || nullif(${MISSING}, '') END`

/** One pass. Does nothing while another worker is at it. */
export async function reconcile(parts: Parts): Promise<void> {
  await tellSkippedRuns(parts.db)
  const { rows } = await parts.db.query<{ any: boolean }>(UNFINISHED)
  // An installation that has nothing to do shall cost nothing.
  if (rows[0]?.any && !(await hasSuccessor(parts))) await reconcileScans(parts)
}

async function reconcileScans(parts: Parts): Promise<void> {
  const { db, lease } = parts
  const work = await transaction(db, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [LOCK])
    if (!rows[0]?.mine) return null
    await holdOutsideWindows(client, new Date())
    const ended = await settleScans(client, null)
    await client.query(UNMANNED, [await idsOf(client, MANNED, [lease * LIVE_LEASES])])
    return { ended, vantages: await idsOf(client, WAITING_VANTAGES) }
  })
  if (work === null) return
  await askToFinish(parts, work.ended)
  for (const vantage of work.vantages) if (isVantageName(vantage)) await dispatchShards(parts, vantage)
  await enqueuePlans(parts)
}

/** From one to the next along the index: there are few, however many shards wait. What runs already may be among it. */
export const WAITING_VANTAGES = `
  WITH RECURSIVE waiting (id) AS (
    SELECT min(vantage) FROM shards WHERE state IN ('pending', 'claimed')
    UNION ALL
    SELECT (SELECT min(vantage) FROM shards WHERE state IN ('pending', 'claimed') AND vantage > waiting.id)
    FROM waiting WHERE waiting.id IS NOT NULL
  )
  SELECT id FROM waiting WHERE id IS NOT NULL`

async function idsOf(client: pg.ClientBase, sql: string, values: unknown[] = []): Promise<readonly string[]> {
  return (await client.query<{ id: string }>(sql, values)).rows.map(({ id }) => id)
}

/** Only when the queue knows fewer scans than the tables: adding what is there already costs as much as adding. */
async function enqueuePlans({ db, queues, lease }: Parts): Promise<void> {
  const queue = queues.queue(PLAN_QUEUE)
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM scans WHERE ${DUE} AND created_at < now() - interval '1 second' ORDER BY id LIMIT $1`,
    [PLANS],
  )
  if (rows.length === 0) return
  // What is being planned rests, and is not among them.
  const { waiting, delayed } = await queue.counts()
  if (waiting + delayed >= rows.length) return
  await queue.add(...rows.map(({ id }) => afresh(planJob(id), lease)))
}
