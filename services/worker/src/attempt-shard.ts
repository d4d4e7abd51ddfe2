import { LocalTrouble } from '@portolan/core/engine/engine.ts'
import { ProbeSpaceTooLarge } from '@portolan/core/target/create-probe-space.ts'
import { confirmChanges } from './confirm/confirm-changes.ts'
import { discoverHosts } from './discover-hosts.ts'
import { loadScan } from './load-scan.ts'
import { CONFIRMATION, DISCOVERY } from './new-shards.ts'
import type { Parts } from './parts.ts'
import { isLacking } from './probe-shard.ts'
import { runShard } from './run-shard.ts'
import { refusalOf } from './scope.ts'
import { type Claim, LeaseLost, type ShardEnd } from './shard-claim.ts'
import type { Stop } from './stop.ts'

/** Claims in a row without a step forward after which a shard is given up: it takes its workers down, or never moves. */
export const MOST_ATTEMPTS = 5

/** Does what the shard is there for, if it may be done at all. Throws LeaseLost, and nothing else. */
export async function attemptShard(parts: Parts, claim: Claim, stop: Stop): Promise<ShardEnd> {
  if (claim.attempts > MOST_ATTEMPTS) {
    const why = claim.lastError === null ? '' : `: ${claim.lastError}`
    return {
      state: 'failed',
      error: `given up after ${MOST_ATTEMPTS} attempts that did not get past the same point${why}`,
    }
  }
  try {
    const search = claim.ordinal === DISCOVERY
    const scan = await loadScan(parts.db, claim.scanId, search ? null : parts.self.vantage)
    if (scan === null) return { state: 'failed', error: 'there is no such scan' }
    const refusal = await refusalOf(parts, scan)
    if (refusal !== null) return { state: 'failed', error: `outside the scope: ${refusal}` }
    if (search) return await discoverHosts(parts, { scan, claim, stop })
    if (claim.ordinal <= CONFIRMATION) return await confirmChanges(parts, { scan, claim, stop })
    const space = scan.space(claim.transport)
    if (space === null) return { state: 'failed', error: 'the scan asks no such ports' }
    return await runShard(parts, { scan, space, claim, stop })
  } catch (err) {
    if (err instanceof LeaseLost) throw err
    if (err instanceof ProbeSpaceTooLarge) return { state: 'failed', error: err.message }
    if (err instanceof LocalTrouble && isLacking(err)) return { state: 'failed', error: reasonOf(err) }
    // Ours to repair, not the target's: try again, here or elsewhere, after a pause, but not for ever.
    parts.log.error({ err, shardId: claim.shardId }, 'shard interrupted')
    return { state: 'pending', error: reasonOf(err) }
  }
}

/** Fits into one line of a summary. */
export function reasonOf(error: unknown): string {
  if (error instanceof LocalTrouble) return `${error.code}: ${error.message}`
  return (error instanceof Error ? error.message : String(error)).slice(0, 200)
}
