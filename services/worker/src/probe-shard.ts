import { setTimeout as sleep } from 'node:timers/promises'
import { LocalTrouble, type ScanTask } from '@portolan/core/engine/engine.ts'
import { selectEngine } from '@portolan/core/engine/select-engine.ts'
import type { ProbeSpace } from '@portolan/core/target/probe-space.ts'
import type { Examiner } from './examiner.ts'
import { createJudge, observationOf } from './judge-open.ts'
import type { Membership } from './limits/shared-limits.ts'
import type { Scan } from './load-scan.ts'
import type { Pace, Rates } from './pace.ts'
import type { Parts } from './parts.ts'
import type { Claim } from './shard-claim.ts'
import type { ShardWriter } from './shard-writer.ts'
import type { Stop } from './stop.ts'

/** How often in a row this machine may be at fault without any progress before the shard fails. */
const MOST_TROUBLES = 5

/** What no retry cures. */
export const isLacking = ({ code }: LocalTrouble): boolean => /^NO_(CAP_NET_RAW|LIBC)$/.test(code)

/** A shard that is ours, and all that belongs to working on it. */
export type ShardRun = {
  readonly scan: Scan
  readonly space: ProbeSpace
  readonly claim: Claim
  readonly stop: Stop
  readonly pace: Pace
  readonly limits: Membership
  readonly writer: ShardWriter
  readonly examiner: Examiner
}

/**
 * Probes from the checkpoint to the end of the shard, or until it is stopped. Trouble of this machine pauses and
 * retries, and counts from anew after every step forward; then it is thrown, as LocalTrouble.
 */
export async function probeShard(parts: Parts, run: ShardRun): Promise<void> {
  const { scan, claim, stop, pace, writer } = run
  const engine = await selectEngine(claim.transport, scan.engine)
  const judge = createJudge(parts, run, { engine, limits: controlLimits(run) })
  for (let troubles = 0; writer.checkpoint < claim.to && !stop.signal.aborted; ) {
    const before = writer.checkpoint
    // Another pace takes a new run of the engine; what was under way is asked again.
    const turn = AbortSignal.any([stop.signal, pace.changed])
    try {
      writer.begin()
      for await (const batch of engine.scan(taskOf(run, pace.rates), turn)) {
        await writer.batch(batch, batch.results.map(observationOf))
        for (const result of batch.results) await judge.take(result)
      }
      if (writer.checkpoint < claim.to && !turn.aborted) throw new LocalTrouble('STUCK', 'the engine ended early')
    } catch (error) {
      if (!(error instanceof LocalTrouble)) throw error
      troubles = writer.checkpoint > before ? 1 : troubles + 1
      parts.log.warn({ scanId: scan.id, shardId: claim.shardId, code: error.code, troubles }, error.message)
      if (troubles > MOST_TROUBLES || isLacking(error)) throw error
      await sleep(200 * 2 ** troubles, undefined, { signal: stop.signal }).catch(() => {})
    }
  }
  await judge.settled()
}

/** Control probes keep to the same limits. */
function controlLimits({ pace, limits: { isGated, gate, perHost, hostShare } }: ShardRun) {
  const { rate } = pace.rates
  return {
    ...(rate !== null && { rate }),
    ...(isGated && { gate }),
    ...(perHost !== null && { perHostRate: Math.max(1, Atomics.load(hostShare, 0)) }),
  }
}

/** Every rate is the one of all workers together; gate and share say what of it is ours. */
function taskOf({ scan, space, claim, writer, limits }: ShardRun, { rate }: Rates): ScanTask {
  const { isGated, gate, perHost, hostShare } = limits
  return {
    space,
    from: writer.checkpoint,
    to: claim.to,
    record: scan.record,
    ...(rate === null ? {} : { rate }),
    ...(isGated ? { gate } : {}),
    ...(perHost === null ? {} : { perHostRate: perHost, hostShare }),
  }
}
