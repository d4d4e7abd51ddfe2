import type { PoolClient } from 'pg'
import type { Caller } from '../http/caller.ts'
import { Problem } from '../http/problem.ts'

const USED = `SELECT
  (SELECT count(*) FROM scans WHERE key_id = $1
     AND status IN ('queued', 'planning', 'running', 'paused', 'finishing')) AS unfinished,
  (SELECT coalesce(sum(probes_total), 0)::bigint FROM scans WHERE key_id = $1
     AND id > uuid_v7_floor(now() - interval '24 hours')) AS probes`

export const hasQuota = ({ maxScans, dailyProbes }: Caller): boolean => maxScans !== null || dailyProbes !== null

/** Throws `quota-exceeded`. Until the transaction ends no other scan of this key can be started, on any instance. */
export async function checkQuota(client: PoolClient, caller: Caller, probes: number): Promise<void> {
  const { keyId, maxScans, dailyProbes } = caller
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('quota of ' || $1, 0))`, [keyId])
  const { rows } = await client.query<{ unfinished: number; probes: number }>(USED, [keyId])
  const used = rows[0] ?? { unfinished: 0, probes: 0 }
  if (maxScans !== null && used.unfinished >= maxScans)
    throw new Problem('quota-exceeded', `this key may have ${maxScans} unfinished scans, and has ${used.unfinished}`)
  if (dailyProbes !== null && used.probes + probes > dailyProbes)
    throw new Problem(
      'quota-exceeded',
      `this key may ask ${dailyProbes} probes in 24 hours; ${used.probes} are used and this scan needs ${probes}`,
    )
}
