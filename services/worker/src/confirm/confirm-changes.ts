/** What the second look says, put into the tables together with its end. */
import { type Observation, writeObservations } from '@portolan/db/observations.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import type { Discovery } from '../discover-hosts.ts'
import { createPace } from '../pace.ts'
import type { Parts } from '../parts.ts'
import { type ShardEnd, saveProgress } from '../shard-claim.ts'
import { untilCommitted } from '../until-done.ts'
import { byFirstLooker } from './first-looker.ts'
import { identifyAgain } from './identify-again.ts'
import { type Found, lookAgain } from './look-again.ts'
import { type Suspect, suspectsOf } from './suspects.ts'

/** More is no change of single endpoints but an outage, or a scan of another network: the rest stays unconfirmed. */
const MOST_MISSED = 2_000
/** The same of those that answered; they answer again at once. */
const MOST_ANSWERED = 50_000

type Row = Pick<Found, 'ip' | 'port' | 'state'> & { readonly reason: string; readonly agrees: boolean }

export async function confirmChanges(parts: Parts, work: Discovery): Promise<ShardEnd> {
  const { scan, claim, stop } = work
  const release = parts.control.watch(scan.id, { stop, pace: createPace(scan) })
  const seen = await lookAtAll(parts, work).finally(release)
  const why = stop.reason()
  if (why !== null) return why === 'cancel' ? { state: 'cancelled' } : { state: 'pending', error: null }
  const { vantage } = parts.self
  await untilCommitted(
    parts.db,
    async (client) => {
      await saveProgress(client, claim, claim.progress, parts.lease)
      const by = { scanId: scan.id, vantage, transport: claim.transport }
      await store(client, by, seen.rows)
      await writeObservations(client, by, seen.open)
    },
    stop.signal,
  )
  return { state: 'done' }
}

/** `open`: what was only missed, and has been found. */
async function lookAtAll(parts: Parts, work: Discovery) {
  const suspects = await suspectsHere(parts, work)
  const of = (...why: readonly Suspect['why'][]) => suspects.filter((suspect) => why.includes(suspect.why))
  const ports = [...of('missed').slice(0, MOST_MISSED), ...of('opened').slice(0, MOST_ANSWERED)]
  const [found, identified] = await Promise.all([
    lookAgain(parts, work, ports),
    identifyAgain(parts, work, of('altered').slice(0, MOST_ANSWERED)),
  ])
  const rows: readonly Row[] = [
    ...found.map(({ ip, port, state, reason }) => ({ ip, port, state, reason, agrees: true })),
    ...identified.map(({ suspect: { ip, port }, agreement }): Row => {
      return { ip, port, state: 'open', reason: agreement, agrees: agreement === 'agrees' }
    }),
  ]
  const missed = found.filter(({ missed, state }) => missed && state === 'open')
  const open = missed.map(({ ip, port, state, reason, rtt }): Observation => {
    return { ip, port, state, reason, rtt, seenAt: new Date(), detection: null }
  })
  return { rows, open }
}

/** Of the first looker this look is for. */
async function suspectsHere({ db, self }: Parts, { scan, claim }: Discovery): Promise<readonly Suspect[]> {
  const all = await transaction(db, (client) => suspectsOf(client, scan.id))
  const here = all.filter(({ vantage, transport }) => vantage === self.vantage && transport === claim.transport)
  const doubts = await byFirstLooker(db, scan.id, here)
  return doubts.filter(({ looker }) => looker === claim.notBy).flatMap(({ suspects }) => suspects)
}

type By = { readonly scanId: string; readonly vantage: string; readonly transport: string }

async function store(client: pg.ClientBase, { scanId, vantage, transport }: By, rows: readonly Row[]): Promise<void> {
  await client.query(
    `INSERT INTO confirmations (scan_id, vantage, transport, ip, port, state, reason, agrees)
     SELECT $1, $2, $3, ip, port, state, reason, agrees
     FROM unnest($4::inet[], $5::int[], $6::port_state[], $7::text[], $8::boolean[])
       AS f (ip, port, state, reason, agrees)
     ON CONFLICT DO NOTHING`,
    [
      scanId,
      vantage,
      transport,
      rows.map(({ ip }) => ip),
      rows.map(({ port }) => port),
      rows.map(({ state }) => state),
      rows.map(({ reason }) => reason),
      rows.map(({ agrees }) => agrees),
    ],
  )
}
