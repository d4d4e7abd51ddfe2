import type { PlanScan } from '@portolan/core/jobs.ts'
import { ProbeSpaceTooLarge } from '@portolan/core/target/create-probe-space.ts'
import { transaction } from '@portolan/db/transaction.ts'
import { dispatchShards, finishWhenDone, liveSlots } from '../dispatch.ts'
import { pinKnownOpen } from '../known-open.ts'
import { loadScan, type Scan } from '../load-scan.ts'
import { discoveryShard, insertShards, type NewShard, shardsAt } from '../new-shards.ts'
import type { Parts } from '../parts.ts'
import { refusalOf } from '../scope.ts'

/** Cuts the scan into shards and lets the first ones go. Does nothing to a scan that is past this. */
export async function planScan(parts: Parts, { scanId }: PlanScan): Promise<void> {
  const scan = await loadScan(parts.db, scanId)
  if (scan === null || !['queued', 'planning'].includes(scan.status)) return
  const refusal = await refusalOf(parts, scan)
  if (refusal !== null) return fail(parts, scanId, `outside the scope: ${refusal}`)
  const cut = await cutScan(parts, scan)
  if (typeof cut === 'string') return fail(parts, scanId, cut)
  if (!(await store(parts, scan, cut))) return
  parts.log.info({ scanId, shards: cut.length }, 'scan planned')
  for (const vantage of scan.vantages) await dispatchShards(parts, vantage)
  await finishWhenDone(parts, scanId)
}

/** Or why it cannot be cut. */
async function cutScan(parts: Parts, scan: Scan): Promise<readonly NewShard[] | string> {
  const shards: NewShard[] = []
  try {
    for (const vantage of scan.vantages) {
      const slots = Math.max(1, await liveSlots(parts, vantage))
      shards.push(...(scan.discovery ? [discoveryShard(vantage)] : shardsAt(vantage, slots, scan)))
    }
  } catch (error) {
    if (error instanceof ProbeSpaceTooLarge) return error.message
    throw error
  }
  return shards
}

/** False when somebody else has planned the scan, or its user cancelled it, in between. */
function store(parts: Parts, { id, discovery, perHostRate }: Scan, shards: readonly NewShard[]): Promise<boolean> {
  return transaction(parts.db, async (client) => {
    // Before its hosts are known, a scan has the number of probes it was accepted with.
    const probes = discovery ? null : shards.reduce((sum, { from, to }) => sum + to - from, 0)
    await pinKnownOpen(client, id)
    const { rowCount } = await client.query(
      `UPDATE scans SET status = 'running', started_at = coalesce(started_at, now()), at_once = $3,
         time_limit_at = coalesce(time_limit_at, now() + timeout_seconds * interval '1 second'),
         probes_total = coalesce($2, probes_total)
       WHERE id = $1 AND status IN ('queued', 'planning') AND wanted <> 'cancel'`,
      // More at once than packets a second: some of them could not send.
      [id, probes, perHostRate],
    )
    if (rowCount === 0) return false
    await insertShards(client, id, shards)
    return true
  })
}

async function fail(parts: Parts, scanId: string, reason: string): Promise<void> {
  await parts.db.query(
    `UPDATE scans SET status = 'failed', status_reason = $2, finished_at = now()
     WHERE id = $1 AND status IN ('queued', 'planning')`,
    [scanId, reason],
  )
  parts.log.warn({ scanId, reason }, 'scan not planned')
}
