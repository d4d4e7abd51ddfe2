import type { ScanShard } from '@portolan/core/jobs.ts'
import { dispatchShards, finishWhenDone } from '../dispatch.ts'
import { loadScan } from '../load-scan.ts'
import type { Parts } from '../parts.ts'
import { runShard } from '../run-shard.ts'
import { refusalOf } from '../scope.ts'
import { type Claim, claimShard, LeaseLost, releaseShard, type ShardEnd } from '../shard-claim.ts'
import { createStop, type Stop } from '../stop.ts'
import { untilDone } from '../transaction.ts'

/** Claims in a row without a step forward after which a shard is given up: it takes its workers down, or never moves. */
const MOST_ATTEMPTS = 5

/**
 * Probes one shard from its checkpoint on. However this ends (done, handed back, failed, lease lost, process killed),
 * the tables say what is left, and somebody will be given it.
 */
export async function scanShard(parts: Parts, { scanId, shardId }: ScanShard): Promise<void> {
  const claim = await claimShard(parts, scanId, shardId)
  if (claim === null) return
  const stop = createStop()
  const release = parts.leases.hold(claim, stop)
  const log = parts.log.child({ scanId, shardId, epoch: claim.epoch })
  try {
    const end = await attempt(parts, claim, stop)
    if (end.state === 'failed') log.error({ error: end.error }, 'shard failed')
    else log.debug({ state: end.state, why: stop.reason() }, 'shard let go')
    await untilDone(
      () => releaseShard(parts.db, claim, end),
      stop.reason() === null ? stop.signal : AbortSignal.abort(),
    )
  } catch (err) {
    if (!(err instanceof LeaseLost)) throw err
    log.warn('lease lost, another worker continues')
  } finally {
    release()
  }
  await dispatchShards(parts, parts.self.vantage)
  await finishWhenDone(parts, scanId)
}

async function attempt(parts: Parts, claim: Claim, stop: Stop): Promise<ShardEnd> {
  if (claim.attempts > MOST_ATTEMPTS) {
    return { state: 'failed', error: `given up after ${MOST_ATTEMPTS} attempts that did not get past the same point` }
  }
  try {
    const scan = await loadScan(parts.db, claim.scanId)
    const space = scan?.space(claim.transport)
    if (scan === null || !space) return { state: 'failed', error: 'the scan has no such ports' }
    const refusal = await refusalOf(parts, scan)
    if (refusal !== null) return { state: 'failed', error: `outside the scope: ${refusal}` }
    return await runShard(parts, { scan, space, claim, stop })
  } catch (err) {
    if (err instanceof LeaseLost) throw err
    // Ours to repair, not the target's: try again, here or elsewhere, but not for ever.
    parts.log.error({ err, shardId: claim.shardId }, 'shard interrupted')
    return { state: 'pending', failed: true }
  }
}
