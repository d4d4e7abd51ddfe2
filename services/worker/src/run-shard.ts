import { LocalTrouble } from '@portolan/core/engine/engine.ts'
import type { ProbeSpace } from '@portolan/core/target/probe-space.ts'
import { createExaminer } from './examiner.ts'
import type { Membership } from './limits/shared-limits.ts'
import type { Scan } from './load-scan.ts'
import { createPace } from './pace.ts'
import type { Parts } from './parts.ts'
import { probeShard } from './probe-shard.ts'
import { type Claim, LeaseLost, type ShardEnd } from './shard-claim.ts'
import { ShardWriter } from './shard-writer.ts'
import type { Stop } from './stop.ts'
import { unexamined } from './unexamined.ts'

export type ShardWork = {
  readonly scan: Scan
  readonly space: ProbeSpace
  readonly claim: Claim
  readonly stop: Stop
}

/** Probes, identifies and stores until the shard is done or stopped. Throws LeaseLost, and on trouble of our own. */
export async function runShard(parts: Parts, work: ShardWork): Promise<ShardEnd> {
  const { scan, claim, stop } = work
  const pace = createPace(scan)
  const writer = new ShardWriter(parts, claim, stop)
  const examiner = createExaminer(parts, { scan, transport: claim.transport, writer, stop })
  const release = parts.control.watch(scan.id, { stop, pace, yieldsSince: performance.now() })
  let trouble: LocalTrouble | null = null
  let limits: Membership | null = null
  try {
    for (const observation of await unexamined(parts, work)) await examiner.take(observation)
    limits = await parts.limits.join({ ...claim, onChange: () => pace.renew() }, stop.signal)
    await probeShard(parts, { ...work, pace, limits, writer, examiner })
    await examiner.idle()
  } catch (error) {
    if (error instanceof LocalTrouble) trouble = error
    else if (!stop.signal.aborted || error instanceof LeaseLost) throw error
  } finally {
    release()
    limits?.leave()
  }
  await writer.flush()
  if (trouble !== null) return { state: 'failed', error: `${trouble.code}: ${trouble.message}` }
  const why = stop.reason()
  if (why === null) return { state: 'done' }
  return why === 'cancel' ? { state: 'cancelled' } : { state: 'pending', error: null }
}
