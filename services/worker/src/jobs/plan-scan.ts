import type { PlanScan } from '@portolan/core/jobs.ts'
import { ProbeSpaceTooLarge } from '@portolan/core/target/create-probe-space.ts'
import { transaction } from '@portolan/db/transaction.ts'
import { attemptStep } from '../attempt-step.ts'
import { dispatchShards } from '../dispatch.ts'
import { endEarly } from '../end-scan.ts'
import { pinKnownOpen } from '../known-open.ts'
import { loadScan, type Scan } from '../load-scan.ts'
import { discoveryShard, insertShards, type NewShard, shardsAt } from '../new-shards.ts'
import type { Parts } from '../parts.ts'
import { refusalOf } from '../scope.ts'
import { settleScan } from '../settle-scan.ts'

/** Of scans that wait for it. */
const UNPLANNED = ['queued', 'planning']

/** Cuts the scan into shards and lets the first ones go. Does nothing to a scan that is past this. */
export async function planScan(parts: Parts, { scanId }: PlanScan): Promise<void> {
  const fail = (reason: string) =>
    endEarly(parts, scanId, UNPLANNED, async () => ({ status: 'failed', reason, summary: null }))
  const outcome = await attemptStep(parts, {
    scanId,
    statuses: UNPLANNED,
    drawn: true,
    work: () => plan(parts, scanId),
    giveUp: (reason) => fail(`it could not be planned: ${reason}`),
  })
  if (outcome === null) return
  if (typeof outcome === 'string') return fail(outcome)
  for (const vantage of outcome.vantages) await dispatchShards(parts, vantage)
  await settleScan(parts, scanId)
}

/** The scan as it is planned now, or why it must not be; null: there is nothing to do. */
async function plan(parts: Parts, scanId: string): Promise<Scan | string | null> {
  const scan = await loadScan(parts.db, scanId)
  if (scan === null || !UNPLANNED.includes(scan.status)) return null
  const refusal = await refusalOf(parts, scan)
  if (refusal !== null) return `outside the scope: ${refusal}`
  const cut = await cutScan(parts, scan)
  if (typeof cut === 'string') return cut
  if (!(await store(parts, scan, cut))) return null
  parts.log.info({ scanId, shards: cut.length }, 'scan planned')
  return scan
}

/** Or why it cannot be cut. */
async function cutScan(parts: Parts, scan: Scan): Promise<readonly NewShard[] | string> {
  const shards: NewShard[] = []
  try {
    for (const vantage of scan.vantages) {
      shards.push(...(scan.discovery ? [discoveryShard(vantage)] : await shardsAt(parts, vantage, scan)))
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
      `UPDATE scans SET status = 'running', started_at = coalesce(started_at, now()), at_once = $3, step_retry_at = NULL,
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
