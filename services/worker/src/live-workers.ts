/** What this worker knows of the others. */
import { JOB_VERSION } from '@portolan/core/jobs.ts'
import type { Parts } from './parts.ts'

/** A worker that has not been heard of for three leases is not counted on. */
export const LIVE_LEASES = 3

/** How many shards the live workers of a vantage scan at once. */
export async function liveSlots({ db, lease }: Pick<Parts, 'db' | 'lease'>, vantage: string): Promise<number> {
  const { rows } = await db.query<{ slots: number }>(
    `SELECT coalesce(sum((capabilities ->> 'slots')::int), 0)::int AS slots FROM workers
     WHERE vantage = $1 AND heartbeat_at > now() - $2 * interval '1 millisecond'`,
    [vantage, lease * LIVE_LEASES],
  )
  return rows[0]?.slots ?? 0
}

/**
 * Does a live worker, wherever it stands, know a newer version of jobs? Who has a successor leaves everything to it: what
 * that one plans may mean what we know nothing of.
 */
export async function hasSuccessor({ db, lease }: Pick<Parts, 'db' | 'lease'>): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'successor',
    text: `SELECT FROM workers WHERE job_version > $1 AND heartbeat_at > now() - $2 * interval '1 millisecond' LIMIT 1`,
    values: [JOB_VERSION, lease * LIVE_LEASES],
  })
  return rowCount === 1
}
