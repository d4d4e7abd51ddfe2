import type { PlanScan } from '@portolan/core/jobs.ts'
import { ProbeSpaceTooLarge } from '@portolan/core/target/create-probe-space.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { cutShards } from '../cut-shards.ts'
import { dispatchShards, finishWhenDone, liveSlots } from '../dispatch.ts'
import { loadScan, type Scan } from '../load-scan.ts'
import type { Parts } from '../parts.ts'
import { refusalOf } from '../scope.ts'
import { transaction } from '../transaction.ts'

type NewShard = {
  readonly vantage: string
  readonly transport: Transport
  readonly ordinal: number
  readonly from: number
  readonly to: number
}

/** Cuts the scan into shards and lets the first ones go. Does nothing to a scan that is past this. */
export async function planScan(parts: Parts, { scanId }: PlanScan): Promise<void> {
  const scan = await loadScan(parts.db, scanId)
  if (scan === null || !['queued', 'planning'].includes(scan.status)) return
  const refusal = await refusalOf(parts, scan)
  if (refusal !== null) return fail(parts, scanId, `outside the scope: ${refusal}`)
  const cut = await cutScan(parts, scan)
  if (typeof cut === 'string') return fail(parts, scanId, cut)
  if (!(await store(parts, scan, cut))) return
  parts.log.info({ scanId, shards: cut.shards.length }, 'scan planned')
  for (const vantage of scan.vantages) await dispatchShards(parts, vantage)
  await finishWhenDone(parts, scanId)
}

type Cut = {
  readonly shards: readonly NewShard[]
  /** How many of them the workers there are now can run at once. */
  readonly atOnce: number
}

/** Or why it cannot be cut. */
async function cutScan(parts: Parts, scan: Scan): Promise<Cut | string> {
  const shards: NewShard[] = []
  const slotsAt = new Map<string, number>()
  for (const vantage of scan.vantages) slotsAt.set(vantage, Math.max(1, await liveSlots(parts, vantage)))
  for (const transport of ['tcp', 'udp'] as const) {
    let space: ReturnType<Scan['space']>
    try {
      space = scan.space(transport)
    } catch (error) {
      if (error instanceof ProbeSpaceTooLarge) return error.message
      throw error
    }
    if (space === null) continue
    for (const [vantage, slots] of slotsAt) {
      const slices = cutShards({ size: space.size, hosts: space.hosts, rate: scan.rate, slots })
      shards.push(...slices.map(({ index, from, to }) => ({ vantage, transport, ordinal: index, from, to })))
    }
  }
  const slots = slotsAt.values().reduce((sum, n) => sum + n, 0)
  return { shards, atOnce: Math.max(1, Math.min(slots, shards.length)) }
}

/** False when somebody else has planned the scan, or its user cancelled it, in between. */
function store(parts: Parts, { id: scanId, perHostRate }: Scan, { shards, atOnce }: Cut): Promise<boolean> {
  return transaction(parts.db, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE scans SET status = 'running', started_at = coalesce(started_at, now()), probes_total = $2,
         at_once = $3
       WHERE id = $1 AND status IN ('queued', 'planning') AND wanted <> 'cancel'`,
      [scanId, shards.reduce((sum, { from, to }) => sum + to - from, 0), perHostRate === null ? null : atOnce],
    )
    if (rowCount === 0) return false
    await client.query(
      `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
       SELECT $1, vantage, transport, ordinal, first, last, first
       FROM unnest($2::text[], $3::transport[], $4::int[], $5::bigint[], $6::bigint[])
         AS new (vantage, transport, ordinal, first, last)`,
      [
        scanId,
        shards.map((s) => s.vantage),
        shards.map((s) => s.transport),
        shards.map((s) => s.ordinal),
        shards.map((s) => s.from),
        shards.map((s) => s.to),
      ],
    )
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
