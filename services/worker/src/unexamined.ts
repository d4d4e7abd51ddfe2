import { toTarget } from '@portolan/core/engine/sockaddr.ts'
import { parseAddress } from '@portolan/core/target/address.ts'
import type { Observation } from '@portolan/db/observations.ts'
import type { Parts } from './parts.ts'
import type { ShardWork } from './run-shard.ts'

type Row = Pick<Observation, 'ip' | 'port' | 'reason' | 'rtt'> & { readonly seen_at: Date }

/**
 * Open ports of this shard that were stored before somebody stopped, and not identified yet: their positions may lie
 * below the checkpoint, so no engine will report them again.
 */
export async function unexamined(parts: Parts, { scan, space, claim }: ShardWork): Promise<readonly Observation[]> {
  if (scan.services === 'none' || claim.epoch === 1) return []
  const { transport } = claim
  const { rows } = await parts.db.query<Row>(
    `SELECT host(ip) AS ip, port, reason, rtt, seen_at FROM observations
     WHERE scan_id = $1 AND vantage = $2 AND transport = $3 AND state = 'open' AND detection IS NULL
       AND NOT EXISTS (SELECT FROM tarpits t WHERE t.scan_id = $1 AND t.vantage = $2 AND t.ip = observations.ip)`,
    [scan.id, parts.self.vantage, transport],
  )
  return rows.flatMap(({ ip, port, reason, rtt, seen_at: seenAt }) => {
    const address = parseAddress(ip)
    const position = address.ok ? space.positionOf(toTarget(address.value, port)) : -1
    if (position < claim.from || position >= claim.to) return []
    return [{ ip, port, state: 'open', reason, rtt, seenAt, detection: null } as const]
  })
}
