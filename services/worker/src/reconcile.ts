/**
 * Keeps tables and queue in step. Whatever the tables say is unfinished and the queue does not know is enqueued again,
 * so the queue may lose everything at any time; and scans end or pause here whose last shard did so unnoticed.
 */
import { FINISH_QUEUE, finishJob, isVantageName, PLAN_QUEUE, planJob } from '@portolan/core/jobs.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import { dispatchShards, LIVE_LEASES } from './dispatch.ts'
import { tellSkippedRuns } from './notify/news-of-schedules.ts'
import type { Parts } from './parts.ts'
import { holdOutsideWindows } from './scan-windows.ts'

/** Any number: the lock that lets one worker at a time do this. */
const LOCK = 72_707_370
/** Plan jobs added at a time; the rest follows when the queue has run low. */
const PLANS = 200

const STEPS: readonly string[] = [
  // A scan that was cancelled, or whose time is over, starts no further shard.
  `UPDATE shards SET state = 'cancelled', updated_at = now(), error = CASE WHEN s.wanted = 'cancel' THEN NULL
     ELSE 'the time limit of the scan was reached' END
   FROM scans s WHERE s.id = shards.scan_id AND s.status IN ('running', 'paused')
     AND (s.wanted = 'cancel' OR s.time_limit_at < now())
     AND (shards.state = 'pending' OR (shards.state = 'claimed' AND shards.lease_until < now()))`,
  `UPDATE scans SET status = 'cancelled', finished_at = now()
   WHERE status IN ('queued', 'planning') AND wanted = 'cancel'`,
  // Paused once the last running shard has let go; running again as soon as that is wanted.
  `UPDATE scans SET status = 'paused' WHERE status = 'running' AND (wanted = 'pause' OR held AND wanted = 'run')
     AND NOT EXISTS (SELECT FROM shards h WHERE h.scan_id = scans.id AND h.state = 'claimed' AND h.lease_until >= now())
     AND EXISTS (SELECT FROM shards p WHERE p.scan_id = scans.id AND p.state IN ('pending', 'claimed'))`,
  `UPDATE scans SET status = 'running' WHERE status = 'paused' AND wanted = 'run' AND NOT held`,
]

/** Says in the scan that nobody stands where it wants to scan from, and takes it back when somebody comes. */
const UNMANNED = `
  WITH unmanned AS (
    SELECT s.id, string_agg(v.name, ', ' ORDER BY v.name) AS vantages
    FROM scans s CROSS JOIN LATERAL unnest(s.vantages) AS v (name)
    WHERE s.status IN ('queued', 'planning', 'running') AND NOT EXISTS (
      SELECT FROM workers w WHERE w.vantage = v.name AND w.heartbeat_at > now() - $1 * interval '1 millisecond')
    GROUP BY s.id
  )
  UPDATE scans SET status_reason = 'waiting for a worker at ' || unmanned.vantages
  FROM scans s LEFT JOIN unmanned USING (id)
  WHERE scans.id = s.id AND s.status IN ('queued', 'planning', 'running')
    AND (s.status_reason IS NULL OR s.status_reason LIKE 'waiting for a worker at %')
    AND s.status_reason IS DISTINCT FROM 'waiting for a worker at ' || unmanned.vantages`

/** One pass. Does nothing while another worker is at it. */
export async function reconcile(parts: Parts): Promise<void> {
  const { db, queues, lease } = parts
  const work = await transaction(db, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [LOCK])
    if (!rows[0]?.mine) return null
    await holdOutsideWindows(client, new Date())
    for (const step of STEPS) await client.query(step)
    await client.query(UNMANNED, [lease * LIVE_LEASES])
    await client.query(`DELETE FROM workers WHERE heartbeat_at < now() - interval '1 hour'`)
    await client.query(`DELETE FROM rate_limits WHERE free_at < now() - interval '1 hour'`)
    await client.query('DELETE FROM rate_shares WHERE expires_at < now()')
    return {
      ended: await idsOf(client, ENDED),
      vantages: await idsOf(client, WAITING_VANTAGES),
    }
  })
  if (work === null) return
  for (const id of work.ended) await queues.queue(FINISH_QUEUE).add(finishJob(id))
  for (const vantage of work.vantages) if (isVantageName(vantage)) await dispatchShards(parts, vantage)
  await enqueuePlans(parts)
  await tellSkippedRuns(db)
}

const ENDED = `SELECT s.id FROM scans s WHERE s.status IN ('running', 'paused', 'finishing')
  AND NOT EXISTS (SELECT FROM shards h WHERE h.scan_id = s.id AND h.state IN ('pending', 'claimed')) LIMIT 100`

const WAITING_VANTAGES = `SELECT DISTINCT h.vantage AS id FROM shards h JOIN scans s ON s.id = h.scan_id
  WHERE s.status = 'running' AND s.wanted = 'run' AND NOT s.held
    AND (h.state = 'pending' OR (h.state = 'claimed' AND h.lease_until < now()))`

async function idsOf(client: pg.ClientBase, sql: string): Promise<readonly string[]> {
  return (await client.query<{ id: string }>(sql)).rows.map(({ id }) => id)
}

/** Only when the queue knows fewer scans than the tables: adding what is there already costs as much as adding. */
async function enqueuePlans({ db, queues }: Parts): Promise<void> {
  const queue = queues.queue(PLAN_QUEUE)
  const { rows } = await db.query<{ id: string; priority: number }>(
    `SELECT id, priority FROM scans WHERE status IN ('queued', 'planning') AND wanted <> 'cancel'
       AND created_at < now() - interval '1 second' ORDER BY id LIMIT $1`,
    [PLANS],
  )
  if (rows.length === 0) return
  const { waiting, active, delayed } = await queue.counts()
  if (waiting + active + delayed >= rows.length) return
  await queue.add(...rows.map(({ id, priority }) => ({ ...planJob(id), priority: 10 - priority })))
}
