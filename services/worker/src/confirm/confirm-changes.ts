/** What the second look says, put into the tables together with its end. */
import { type Observation, writeObservations } from '@portolan/db/observations.ts'
import type { Discovery } from '../discover-hosts.ts'
import { createPace } from '../pace.ts'
import type { Parts } from '../parts.ts'
import { type ShardEnd, saveProgress } from '../shard-claim.ts'
import { untilCommitted } from '../until-done.ts'
import { lookAgain } from './look-again.ts'

export async function confirmChanges(parts: Parts, work: Discovery): Promise<ShardEnd> {
  const { scan, claim, stop } = work
  const release = parts.control.watch(scan.id, { stop, pace: createPace(scan) })
  const found = await lookAgain(parts, work).finally(release)
  const why = stop.reason()
  if (why !== null) return why === 'cancel' ? { state: 'cancelled' } : { state: 'pending', error: null }
  const by = { scanId: scan.id, vantage: parts.self.vantage, transport: claim.transport }
  const observed = found.map(({ ip, port, state, reason, rtt }): Observation => {
    return { ip, port, state, reason, rtt, seenAt: new Date(), detection: null }
  })
  await untilCommitted(
    parts.db,
    async (client) => {
      await saveProgress(client, claim, claim.progress, parts.lease)
      await client.query(
        `INSERT INTO confirmations (scan_id, vantage, transport, ip, port, state, reason)
         SELECT $1, $2, $3, ip, port, state, reason
         FROM unnest($4::inet[], $5::int[], $6::port_state[], $7::text[]) AS f (ip, port, state, reason)
         ON CONFLICT DO NOTHING`,
        [
          scan.id,
          by.vantage,
          by.transport,
          found.map(({ ip }) => ip),
          found.map(({ port }) => port),
          found.map(({ state }) => state),
          found.map(({ reason }) => reason),
        ],
      )
      // What was only missed has been found.
      const missed = new Set(found.filter(({ missed }) => missed).map(({ ip, port }) => `${ip} ${port}`))
      const open = observed.filter(({ ip, port, state }) => state === 'open' && missed.has(`${ip} ${port}`))
      await writeObservations(client, by, open)
    },
    stop.signal,
  )
  return { state: 'done' }
}
