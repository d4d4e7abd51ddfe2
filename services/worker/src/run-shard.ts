import { setTimeout as sleep } from 'node:timers/promises'
import { createConnectEngine } from '@portolan/core/engine/connect-engine.ts'
import { LocalTrouble, type PortResult, type ScanTask } from '@portolan/core/engine/engine.ts'
import type { ProbeSpace } from '@portolan/core/target/probe-space.ts'
import type { Observation } from '@portolan/db/observations.ts'
import { createExaminer, type Examiner } from './examiner.ts'
import type { Scan } from './load-scan.ts'
import type { Parts } from './parts.ts'
import type { Claim, ShardEnd } from './shard-claim.ts'
import { createShardWriter, type ShardWriter } from './shard-writer.ts'
import type { Stop } from './stop.ts'
import { unexamined } from './unexamined.ts'

/** How often in a row this machine may be at fault without any progress before the shard fails. */
const MOST_TROUBLES = 5

export type ShardRun = {
  readonly scan: Scan
  readonly space: ProbeSpace
  readonly claim: Claim
  readonly stop: Stop
}

/** Probes, identifies and stores until the shard is done or stopped. Throws LeaseLost, and on trouble of our own. */
export async function runShard(parts: Parts, run: ShardRun): Promise<ShardEnd> {
  const { scan, claim, stop } = run
  const writer = createShardWriter(parts, claim, stop)
  const examiner = createExaminer(parts.identifier, { scan, transport: claim.transport, writer, stop })
  try {
    for (const observation of await unexamined(parts, run)) await examiner.take(observation)
    await probe(parts, run, { writer, examiner })
    await examiner.idle()
  } catch (error) {
    if (!(error instanceof LocalTrouble)) throw error
    await writer.flush()
    return { state: 'failed', error: `${error.code}: ${error.message}` }
  }
  await writer.flush()
  const why = stop.reason()
  if (why === null) return { state: 'done' }
  parts.log.debug({ scanId: scan.id, shardId: claim.shardId, why }, 'shard stopped')
  return why === 'cancel' ? { state: 'cancelled' } : { state: 'pending', failed: false }
}

type Sinks = { readonly writer: ShardWriter; readonly examiner: Examiner }

/** Trouble of this machine pauses and retries, and counts from anew after every step forward; then it is thrown. */
async function probe(parts: Parts, run: ShardRun, { writer, examiner }: Sinks): Promise<void> {
  const { scan, claim, stop } = run
  const engine = createConnectEngine()
  for (let troubles = 0; writer.checkpoint < claim.to && !stop.signal.aborted; ) {
    const before = writer.checkpoint
    try {
      writer.begin()
      for await (const batch of engine.scan(taskOf(run, before), stop.signal)) {
        const observations = batch.results.map(observationOf)
        await writer.batch(batch, observations)
        for (const observation of observations) await examiner.take(observation)
      }
      if (writer.checkpoint < claim.to && !stop.signal.aborted)
        throw new LocalTrouble('STUCK', 'the engine ended early')
    } catch (error) {
      if (!(error instanceof LocalTrouble)) throw error
      troubles = writer.checkpoint > before ? 1 : troubles + 1
      parts.log.warn({ scanId: scan.id, shardId: claim.shardId, code: error.code, troubles }, error.message)
      if (troubles > MOST_TROUBLES) throw error
      await sleep(200 * 2 ** troubles, undefined, { signal: stop.signal }).catch(() => {})
    }
  }
}

function observationOf({ ip, port, state, reason, rtt }: PortResult): Observation {
  return { ip, port, state, reason, rtt, seenAt: new Date(), detection: null }
}

function taskOf({ scan, space, claim }: ShardRun, from: number): ScanTask {
  return {
    space,
    from,
    to: claim.to,
    record: scan.record,
    ...(scan.rate === null ? {} : { rate: scan.rate }),
    ...(scan.perHostRate === null ? {} : { perHostRate: scan.perHostRate }),
  }
}
