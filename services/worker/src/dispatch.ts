import { scanQueue, shardJob } from '@portolan/core/jobs.ts'
import { afresh } from './afresh.ts'
import { hasSuccessor, liveSlots } from './live-workers.ts'
import type { Parts } from './parts.ts'

type Due = { readonly id: string; readonly scan_id: string; readonly epoch: number; readonly starving: boolean }

/** Conditions on `scans s` and on `shards`. */
export const RUNNABLE = `s.status = 'running' AND s.wanted = 'run' AND NOT s.held AND coalesce(s.time_limit_at > now(), true)`
export const PENDING = `(state = 'pending' AND coalesce(retry_at <= now(), true) OR state = 'claimed' AND lease_until < now())`

/** Priorities in the queue: the first shard of a scan that has none running goes before all others. */
export const STARVING_FIRST = 1
const IN_TURN = 2

/** Seconds after which whoever has waited longest is next beside those whose turn it is. */
const PATIENCE = 2

/**
 * The next shards of a vantage in the order of fair shares: a scan's turn is later the more of its shards already run,
 * the more scans its key has, and the lower its priority; one step of priority is worth half a share more. No turn is
 * infinitely late, but ever new urgent scans could be earlier for ever: so one shard more belongs to the scan that has
 * waited longest with none running. Those to come next belong to the scans whose own next is earliest: only theirs are
 * looked at, however many scans there are. `OFFSET 0` keeps it so while PostgreSQL has no statistics: it would join first.
 */
export const DUE = `
  WITH running AS (
    SELECT scan_id, count(*) AS shards FROM shards WHERE state = 'claimed' AND lease_until >= now() GROUP BY scan_id
  ), active AS (
    SELECT s.id, s.at_once, s.started_at, coalesce(r.shards, 0) AS running,
      count(*) OVER (PARTITION BY s.key_id) / power(1.5::float8, s.priority) AS weight
    FROM scans s LEFT JOIN running r ON r.scan_id = s.id
    WHERE ${RUNNABLE} AND $1 = ANY (s.vantages)
  ), next AS (
    SELECT * FROM (SELECT *, (running + 1) * weight AS due FROM active ORDER BY due, id OFFSET 0) AS active
    WHERE coalesce(at_once > running, true) AND EXISTS (
      SELECT FROM shards WHERE scan_id = active.id AND vantage = $1 AND ${PENDING} OFFSET 0)
    ORDER BY due, id LIMIT $2
  )
  (SELECT due.id::text, next.id AS scan_id, due.epoch, running = 0 AND turn = 1 AS starving FROM next CROSS JOIN LATERAL (
    SELECT id, epoch, row_number() OVER (ORDER BY transport, ordinal) AS turn FROM shards
    WHERE scan_id = next.id AND vantage = $1 AND ${PENDING}
    ORDER BY transport, ordinal LIMIT greatest(0, least($2, at_once - running))
  ) AS due
  ORDER BY (running + turn) * weight, next.id LIMIT $2)
  UNION ALL (SELECT due.id::text, waiting.id, due.epoch, true FROM (
    SELECT * FROM active WHERE running = 0 AND started_at < now() - interval '${PATIENCE} seconds'
    ORDER BY started_at, id OFFSET 0
  ) AS waiting CROSS JOIN LATERAL (
    SELECT id, epoch FROM shards WHERE scan_id = waiting.id AND vantage = $1 AND ${PENDING}
    ORDER BY transport, ordinal LIMIT 1
  ) AS due
  ORDER BY started_at, waiting.id LIMIT 1)`

type DispatchParts = Pick<Parts, 'db' | 'queues' | 'lease' | 'log'>

/**
 * Puts the next shards into the queue of a vantage, when it runs low: enough that no worker waits, few enough that
 * what is urgent does not stand behind what is not. Safe to call at any time from anywhere.
 */
export async function dispatchShards(parts: DispatchParts, vantage: string): Promise<void> {
  const { db, queues, lease } = parts
  const slots = Math.max(1, await liveSlots(parts, vantage))
  const queue = queues.queue(scanQueue(vantage))
  const { waiting, delayed } = await queue.counts()
  if (waiting + delayed >= slots || (await hasSuccessor(parts))) return
  const { rows } = await db.query<Due>(DUE, [vantage, slots * 2])
  const jobs = [...new Map(rows.map((due) => [due.id, due])).values()].map(({ scan_id, id, epoch, starving }) => ({
    ...afresh(shardJob(scan_id, id, epoch), lease),
    priority: starving ? STARVING_FIRST : IN_TURN,
  }))
  if (jobs.length > 0) await queue.add(...jobs)
  parts.log.trace({ vantage, shards: rows.length, lease }, 'dispatched')
}
