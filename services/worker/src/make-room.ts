import { scanQueue, shardJob } from '@portolan/core/jobs.ts'
import { afresh } from './afresh.ts'
import { PENDING, RUNNABLE, STARVING_FIRST } from './dispatch.ts'
import { liveSlots } from './live-workers.ts'
import type { Parts } from './parts.ts'

/** Probes: what has no more left than this is done in the time others can spare. */
const SHORT = 50_000
/** Milliseconds a shard runs before it makes room for a scan that is short or more urgent, and for any other. */
const SLICE = { short: 2_000, usual: 10_000 } as const
/** Scans looked at. */
const MOST = 1_000

type Starving = { readonly id: string; readonly scan_id: string; readonly epoch: number; readonly soon: boolean }

/** The first shard of scans that could run at the vantage and have nothing running anywhere; the most urgent first. */
const STARVING = `
  WITH running AS (
    SELECT max(s.priority) AS priority FROM shards h JOIN scans s ON s.id = h.scan_id
    WHERE h.state = 'claimed' AND h.lease_until >= now() AND h.vantage = $1
  )
  SELECT due.id::text, s.id AS scan_id, due.epoch, s.priority > coalesce(running.priority, 0)
    OR $3 >= (SELECT sum(to_position - checkpoint) FROM shards WHERE scan_id = s.id AND vantage = $1 AND ${PENDING}) AS soon
  FROM (SELECT * FROM scans s WHERE ${RUNNABLE} AND $1 = ANY (s.vantages) ORDER BY priority DESC, id LIMIT ${MOST}) s
    CROSS JOIN running CROSS JOIN LATERAL (
      SELECT id, epoch FROM shards WHERE scan_id = s.id AND vantage = $1 AND ${PENDING}
      ORDER BY transport, ordinal LIMIT 1
    ) AS due
  WHERE NOT EXISTS (SELECT FROM shards r WHERE r.scan_id = s.id AND r.state = 'claimed' AND r.lease_until >= now())
  LIMIT $2`

/**
 * Where every slot is taken and a scan has none, the shard that has run here longest goes back into the queue, and its
 * scan takes turns with the one that waits: nobody waits for the end of another's shard, however long that is.
 */
export async function makeRoom(parts: Parts): Promise<void> {
  const { db, queues, control, self, lease } = parts
  if (control.running() < self.slots) return
  const { rows } = await db.query<Starving>(STARVING, [self.vantage, self.slots, SHORT])
  if (rows.length === 0) return
  const jobs = rows.map((due) => afresh(shardJob(due.scan_id, due.id, due.epoch), lease))
  await queues.queue(scanQueue(self.vantage)).add(...jobs.map((job) => ({ ...job, priority: STARVING_FIRST })))
  // All workers see the same: together they shall make about as much room as is needed.
  if (Math.random() * (await liveSlots(parts, self.vantage)) >= rows.length) return
  control.yieldOldest(rows.some(({ soon }) => soon) ? SLICE.short : SLICE.usual)
}
