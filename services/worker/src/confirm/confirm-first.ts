import { transaction } from '@portolan/db/transaction.ts'
import { dispatchShards } from '../dispatch.ts'
import { CONFIRMATION, confirmationShard, insertShards } from '../new-shards.ts'
import type { Parts } from '../parts.ts'
import { suspectsOf } from './suspects.ts'

/** Done, but for a second look: all of its shards have ended, and none of them was that look. */
const READY = `
  SELECT FROM scans WHERE id = $1 AND status = 'running' AND wanted = 'run'
    AND NOT EXISTS (SELECT FROM shards WHERE scan_id = $1
      AND (state IN ('pending', 'claimed') OR ordinal = ${CONFIRMATION})) FOR UPDATE`

/** Has what seems changed looked at once more, by a shard of each vantage. False: there is nothing to wait for. */
export async function confirmFirst(parts: Parts, scanId: string): Promise<boolean> {
  const vantages = await transaction(parts.db, async (client) => {
    const ready = await client.query(READY, [scanId])
    if (ready.rows.length === 0) return []
    const suspects = await suspectsOf(client, scanId)
    const places = new Map(
      suspects.map((s) => [`${s.vantage} ${s.transport}`, confirmationShard(s.vantage, s.transport)]),
    )
    if (places.size > 0) await insertShards(client, scanId, [...places.values()])
    return [...new Set([...places.values()].map(({ vantage }) => vantage))]
  })
  for (const vantage of vantages) await dispatchShards(parts, vantage)
  return vantages.length > 0
}
