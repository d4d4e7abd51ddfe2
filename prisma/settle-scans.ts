import type pg from 'pg'

/**
 * What follows from the wishes of users once nothing runs that would have to stop first. A scan that was cancelled, or
 * whose time is over, starts no further shard; one that nobody has planned ends; one is paused when its last running
 * shard has let go, and runs again as soon as that is wanted. Each part is about scans the others are not about.
 */
const settle = (which: string) => `
  WITH dropped AS (
    UPDATE shards SET state = 'cancelled', updated_at = now(), error = CASE WHEN s.wanted = 'cancel' THEN NULL
      ELSE 'the time limit of the scan was reached' END
    FROM scans s WHERE s.id = shards.scan_id AND s.status IN ('running', 'paused') AND ${which}
      AND (s.wanted = 'cancel' OR s.time_limit_at < now())
      AND (shards.state = 'pending' OR (shards.state = 'claimed' AND shards.lease_until < now()))
    RETURNING shards.id
  ), cancelled AS (
    UPDATE scans s SET status = 'cancelled', finished_at = now()
    WHERE s.status IN ('queued', 'planning') AND s.wanted = 'cancel' AND ${which} RETURNING s.id
  ), paused AS (
    UPDATE scans s SET status = 'paused'
    WHERE s.status = 'running' AND (s.wanted = 'pause' OR s.held AND s.wanted = 'run') AND ${which}
      AND NOT EXISTS (SELECT FROM shards h WHERE h.scan_id = s.id AND h.state = 'claimed' AND h.lease_until >= now())
      AND EXISTS (SELECT FROM shards p WHERE p.scan_id = s.id AND p.state IN ('pending', 'claimed'))
  ), resumed AS (
    UPDATE scans s SET status = 'running'
    WHERE s.status = 'paused' AND s.wanted = 'run' AND NOT s.held AND ${which}
  )
  (SELECT s.id FROM scans s WHERE s.status IN ('running', 'paused', 'finishing') AND ${which}
    AND coalesce(s.step_retry_at <= now(), true)
    AND NOT EXISTS (SELECT FROM shards h WHERE h.scan_id = s.id AND h.state IN ('pending', 'claimed')
      AND h.id NOT IN (SELECT id FROM dropped)) LIMIT 100)
  UNION ALL (SELECT id FROM cancelled LIMIT 100)
  UNION ALL (SELECT s.id FROM scans s WHERE s.status = 'cancelled' AND s.summary IS NULL AND ${which}
    AND s.finished_at > now() - interval '1 day' LIMIT 100)`

const ALL = settle('true')
const ONE = settle('s.id = $1')

/**
 * Brings the status of one scan, or of all (null), up to what its user wants and its shards have come to. Returns those
 * that have nothing left to do and are to be finished, and those that were cancelled before anything of them began: they
 * have no summary until whoever subscribed to it has been told of their end. Whoever lets go of a shard calls this after its commit: of
 * several that let go at the same time, the last to ask sees all of it.
 */
export async function settleScans(db: Pick<pg.ClientBase, 'query'>, scanId: string | null): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(scanId === null ? ALL : ONE, scanId === null ? [] : [scanId])
  return rows.map(({ id }) => id)
}
