import type { ScanShard } from '@portolan/core/jobs.ts'
import { Postpone } from '@portolan/queue/consumer.ts'
import { attemptShard } from '../attempt-shard.ts'
import { dispatchShards } from '../dispatch.ts'
import type { Parts } from '../parts.ts'
import { settleScan } from '../settle-scan.ts'
import { claimShard, LeaseLost, releaseShard, waitsForAnother } from '../shard-claim.ts'
import { createStop } from '../stop.ts'
import { untilDone } from '../until-done.ts'

/** Milliseconds until a shard that is not for us is delivered again, to whoever is free then. */
const AGAIN = 200

/**
 * Probes one shard from its checkpoint on. However this ends (done, handed back, failed, lease lost, process killed),
 * the tables say what is left, and somebody will be given it.
 */
export async function scanShard(parts: Parts, { scanId, shardId }: ScanShard): Promise<void> {
  const claim = await claimShard(parts, scanId, shardId)
  if (claim === null) {
    if (await waitsForAnother(parts, shardId)) throw new Postpone(AGAIN)
    return
  }
  const stop = createStop()
  const release = parts.leases.hold(claim, stop)
  const log = parts.log.child({ scanId, shardId, epoch: claim.epoch })
  try {
    const end = await attemptShard(parts, claim, stop)
    if (end.state === 'failed') log.error({ error: end.error }, 'shard failed')
    else log.debug({ state: end.state, why: stop.reason() }, 'shard let go')
    await untilDone(() => releaseShard(parts, claim, end), stop.reason() === null ? stop.signal : AbortSignal.abort())
    if (end.state === 'done') parts.tally.add({ shardsDone: 1 })
    if (end.state === 'failed') parts.tally.add({ shardsFailed: 1 })
  } catch (err) {
    if (!(err instanceof LeaseLost)) throw err
    log.warn('lease lost, another worker continues')
  } finally {
    release()
  }
  await settleScan(parts, scanId)
  await dispatchShards(parts, parts.self.vantage)
}
