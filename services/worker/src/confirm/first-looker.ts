/** Which worker looked at an endpoint first, so that another can look again. */
import { toTarget } from '@portolan/core/engine/sockaddr.ts'
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import { parseAddress } from '@portolan/core/target/address.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import type pg from 'pg'
import { loadScan } from '../load-scan.ts'
import type { Suspect } from './suspects.ts'

/** Suspects whom one worker (null: nobody knows which) looked at first. */
export type Doubts = {
  readonly vantage: string
  readonly transport: Transport
  readonly looker: string | null
  readonly suspects: readonly Suspect[]
}

type Stretch = { readonly from: number; readonly to: number; readonly worker: string | null }
type Place = Pick<EndpointKey, 'vantage' | 'transport'>

export async function byFirstLooker(
  db: pg.Pool | pg.ClientBase,
  scanId: string,
  suspects: readonly Suspect[],
): Promise<readonly Doubts[]> {
  const places = Map.groupBy(suspects, ({ vantage, transport }) => `${vantage} ${transport}`)
  const doubts: Doubts[] = []
  for (const group of places.values()) {
    const [{ vantage, transport } = { vantage: '', transport: 'tcp' as const }] = group
    const lookerOf = await firstLookers(db, scanId, { vantage, transport })
    const lookers = Map.groupBy(group, lookerOf)
    doubts.push(...Array.from(lookers, ([looker, suspects]) => ({ vantage, transport, looker, suspects })))
  }
  return doubts
}

async function firstLookers(db: pg.Pool | pg.ClientBase, scanId: string, { vantage, transport }: Place) {
  const { rows } = await db.query<Stretch>(
    `SELECT from_position AS from, to_position AS to, done_by AS worker FROM shards
     WHERE scan_id = $1 AND vantage = $2 AND transport = $3 AND ordinal >= 0 ORDER BY from_position`,
    [scanId, vantage, transport],
  )
  const [only, ...others] = new Set(rows.map(({ worker }) => worker))
  if (others.length === 0) return () => only ?? null
  const space = (await loadScan(db, scanId, vantage))?.space(transport) ?? null
  return ({ ip, port }: EndpointKey) => {
    const address = parseAddress(ip)
    if (space === null || !address.ok) return null
    return stretchAt(rows, space.positionOf(toTarget(address.value, port)))?.worker ?? null
  }
}

/** The stretch of the position: the last one that begins at or before it. */
function stretchAt(stretches: readonly Stretch[], position: number): Stretch | undefined {
  let [low, high] = [0, stretches.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stretches[middle]?.from ?? Infinity) <= position) low = middle + 1
    else high = middle
  }
  const found = stretches[low - 1]
  return found !== undefined && position < found.to ? found : undefined
}
