/** The life of a shard's row: claimed under a new epoch, and let go under the same. */
import type { StateCounts } from '@portolan/core/engine/engine.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import { PENDING } from './dispatch.ts'
import { LIVE_LEASES } from './live-workers.ts'
import type { Parts } from './parts.ts'

/** Totals of a shard since its beginning. Absolute, so that writing them twice is writing them once. */
export type Progress = {
  readonly checkpoint: number
  readonly counts: StateCounts
  readonly sent: number
  readonly received: number
  readonly loss: number | null
  readonly recall: number | null
}

export type Claim = {
  readonly shardId: string
  readonly scanId: string
  readonly epoch: number
  readonly transport: Transport
  readonly ordinal: number
  readonly from: number
  readonly to: number
  /** Claims in a row, this one included, that got nowhere. */
  readonly attempts: number
  /** Why the last attempt failed that could still say so; null: none did. */
  readonly lastError: string | null
  /** Whose first look this second one repeats; null: nobody's, or it is not known. */
  readonly notBy: string | null
  readonly progress: Progress
}

type Row = {
  readonly epoch: number
  readonly transport: Transport
  readonly ordinal: number
  readonly from_position: number
  readonly to_position: number
  readonly checkpoint: number
  readonly attempts: number
  readonly error: string | null
  readonly not_by: string | null
  readonly open: number
  readonly closed: number
  readonly filtered: number
  readonly open_filtered: number
  readonly sent: number
  readonly received: number
  readonly loss: number | null
  readonly recall: number | null
}

/** Milliseconds a second look waits for another worker than the one that looked first, if another has a place for it. */
const FOR_ANOTHER = 15_000

/** On `shards`: it waits for another worker than $1, and one is free. $2: vantage, $3: lease in milliseconds. */
const FOR_OTHERS = `shards.not_by = $1 AND shards.updated_at > now() - ${FOR_ANOTHER} * interval '1 millisecond'
  AND EXISTS (SELECT FROM workers w WHERE w.vantage = $2 AND w.id <> $1
    AND w.heartbeat_at > now() - ${LIVE_LEASES} * $3::float8 * interval '1 millisecond'
    AND coalesce((w.load ->> 'shards')::int, 0) < (w.capabilities ->> 'slots')::int)`

const CLAIM = `
  UPDATE shards SET epoch = epoch + 1, state = 'claimed', worker_id = $1, attempts = attempts + 1,
    retry_at = NULL, lease_until = now() + $3 * interval '1 millisecond', updated_at = now()
  FROM scans WHERE scans.id = shards.scan_id AND scans.status = 'running' AND scans.wanted = 'run' AND NOT scans.held
    AND coalesce(scans.time_limit_at > now(), true) AND shards.id = $5 AND shards.scan_id = $4 AND shards.vantage = $2
    AND ${PENDING}
    AND (${FOR_OTHERS}) IS NOT TRUE
    AND (scans.at_once IS NULL OR scans.at_once > (
      SELECT count(*) FROM shards r WHERE r.scan_id = $4 AND r.state = 'claimed' AND r.lease_until >= now()))
  RETURNING shards.epoch, transport, ordinal, from_position, to_position, checkpoint, attempts, error, not_by, open,
    closed, filtered, open_filtered, sent, received, loss, recall`

/** Null when there is nothing to do: done, taken by another worker, paused, cancelled, elsewhere, or never existed. */
export async function claimShard(
  parts: Pick<Parts, 'db' | 'self' | 'lease'>,
  scanId: string,
  shardId: string,
): Promise<Claim | null> {
  const rows = await transaction(parts.db, async (client) => {
    // Claims of a scan that limits how many shards run at once are counted one after the other.
    await client.query('SELECT FROM scans WHERE id = $1 AND at_once IS NOT NULL FOR NO KEY UPDATE', [scanId])
    const values = [parts.self.id, parts.self.vantage, parts.lease, scanId, shardId]
    return (await client.query<Row>(CLAIM, values)).rows
  })
  const [row] = rows
  if (row === undefined) return null
  const { epoch, transport, ordinal, attempts, checkpoint, sent, received, loss, recall } = row
  const counts = { open: row.open, closed: row.closed, filtered: row.filtered, openFiltered: row.open_filtered }
  const progress = { checkpoint, counts, sent, received, loss, recall }
  const [from, to] = [row.from_position, row.to_position]
  const { error: lastError, not_by: notBy } = row
  return { shardId, scanId, epoch, transport, ordinal, from, to, attempts, lastError, notBy, progress }
}

/** Whether it is not for this worker but for another, for the time being. */
export async function waitsForAnother(
  { db, self, lease }: Pick<Parts, 'db' | 'self' | 'lease'>,
  shardId: string,
): Promise<boolean> {
  const { rows } = await db.query(`SELECT FROM shards WHERE id = $4 AND ${PENDING} AND ${FOR_OTHERS}`, [
    self.id,
    self.vantage,
    lease,
    shardId,
  ])
  return rows.length > 0
}

/** Another epoch holds the shard: whatever this worker still knows about it must not be written. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/**
 * Stores progress and extends the lease; first in every transaction about a shard, because the row lock it takes keeps
 * everybody else from claiming until the results that follow are in, too. Throws LeaseLost.
 */
export async function saveProgress(
  client: Pick<pg.ClientBase, 'query'>,
  claim: Claim,
  progress: Progress,
  lease: number,
): Promise<void> {
  const { counts } = progress
  const { rowCount } = await client.query(
    `UPDATE shards SET checkpoint = $3, open = $4, closed = $5, filtered = $6, open_filtered = $7, sent = $8,
       received = $9, loss = $10, recall = $11, lease_until = now() + $12 * interval '1 millisecond', updated_at = now(),
       attempts = CASE WHEN checkpoint < $3 THEN 0 ELSE attempts END, error = CASE WHEN checkpoint >= $3 THEN error END
     WHERE id = $1 AND epoch = $2 AND state = 'claimed'`,
    [
      claim.shardId,
      claim.epoch,
      progress.checkpoint,
      counts.open,
      counts.closed,
      counts.filtered,
      counts.openFiltered,
      progress.sent,
      progress.received,
      progress.loss,
      progress.recall,
      lease,
    ],
  )
  if (rowCount === 0) throw new LeaseLost(`shard ${claim.shardId} is no longer ours`)
}

/** How a claim ends. `pending`: handed back, to be continued by whoever comes next; with an error, after a pause. */
export type ShardEnd =
  | { readonly state: 'done' | 'cancelled' }
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'pending'; readonly error: string | null }

/**
 * From one attempt to the next: a fifth of a lease, then twice as long each time, up to a lease (what the death of a
 * worker costs as well), and up to a quarter more or less, so that shards that failed together do not come back together.
 */
export const pauseAfter = (attempts: string, lease: string) =>
  `least(${lease}::float8 / 5 * power(2, greatest(${attempts}, 1) - 1), ${lease}) * (0.75 + random() / 2) * interval '1 millisecond'`

/** Lets go. Safe to repeat; does nothing when the shard is no longer ours. */
export async function releaseShard(
  { db, lease }: Pick<Parts, 'db' | 'lease'>,
  claim: Claim,
  end: ShardEnd,
): Promise<void> {
  const error = 'error' in end ? end.error : null
  await db.query(
    `UPDATE shards SET state = $3::shard_state, done_by = worker_id, worker_id = NULL, lease_until = NULL, updated_at = now(),
       error = coalesce($4, CASE WHEN $3::shard_state = 'pending' THEN error END),
       retry_at = CASE WHEN $5 THEN now() + ${pauseAfter('attempts', '$6')} END,
       attempts = CASE WHEN $5 THEN greatest(attempts, 1) ELSE greatest(attempts - 1, 0) END
     WHERE id = $1 AND epoch = $2 AND state = 'claimed'`,
    [claim.shardId, claim.epoch, end.state, error, end.state === 'pending' && error !== null, lease],
  )
}
