import type { ProbeSpace, Transport } from '@portolan/core/target/probe-space.ts'
import type pg from 'pg'
import { cutShards } from './cut-shards.ts'
import { liveSlots } from './live-workers.ts'
import type { Scan } from './load-scan.ts'
import type { Parts } from './parts.ts'

export type NewShard = {
  readonly vantage: string
  readonly transport: Transport
  readonly ordinal: number
  readonly from: number
  readonly to: number
  /** Worker that is to do it only when nobody else can. */
  readonly notBy?: string | null
}

/** The shard that stands for the search for hosts: no slice of anything, but claimed, renewed and retried like one. */
export const DISCOVERY = -1

export const discoveryShard = (vantage: string): NewShard => ({
  vantage,
  transport: 'tcp',
  ordinal: DISCOVERY,
  from: 0,
  to: 0,
})

/** From here down: shards that stand for the second look at what seems to have changed, one for each first looker. */
export const CONFIRMATION = -2

type Planned = Pick<Scan, 'rate' | 'perHostRate' | 'vantages' | 'space'>

/** All shards of the scan's addresses at one vantage, for the workers that are there now. Throws ProbeSpaceTooLarge. */
export async function shardsAt(
  parts: Pick<Parts, 'db' | 'lease'>,
  vantage: string,
  scan: Planned,
): Promise<readonly NewShard[]> {
  const { perHostRate } = scan
  const most = await limitsAt(parts, vantage)
  // The rate of a scan is that of all its vantages together.
  const rate = scan.rate === null ? null : scan.rate / scan.vantages.length
  const slots = Math.max(1, await liveSlots(parts, vantage))
  const cut = (transport: Transport, { size, hosts }: ProbeSpace) =>
    cutShards({ size, hosts, rate, perHostRate, most, slots }).map(({ index, from, to }) => ({
      vantage,
      transport,
      ordinal: index,
      from,
      to,
    }))
  return (['tcp', 'udp'] as const).flatMap((transport) => {
    const space = scan.space(transport)
    return space === null ? [] : cut(transport, space)
  })
}

type Limits = { readonly rate: number | null; readonly perHostRate: number | null }

/** What the installation allows there now; null: whatever one likes. */
async function limitsAt({ db }: Pick<Parts, 'db'>, vantage: string): Promise<Limits> {
  const { rows } = await db.query<Limits>(
    `SELECT least(rate_limit('vantage ' || $1), rate_limit('global')) AS rate, rate_limit('perHost') AS "perHostRate"`,
    [vantage],
  )
  return rows[0] ?? { rate: null, perHostRate: null }
}

/** In the caller's transaction. */
export async function insertShards(client: pg.ClientBase, scanId: string, shards: readonly NewShard[]): Promise<void> {
  await client.query(
    `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint, not_by)
     SELECT $1, vantage, transport, ordinal, first, last, first, not_by
     FROM unnest($2::text[], $3::transport[], $4::int[], $5::bigint[], $6::bigint[], $7::uuid[])
       AS new (vantage, transport, ordinal, first, last, not_by)`,
    [
      scanId,
      shards.map((s) => s.vantage),
      shards.map((s) => s.transport),
      shards.map((s) => s.ordinal),
      shards.map((s) => s.from),
      shards.map((s) => s.to),
      shards.map((s) => s.notBy ?? null),
    ],
  )
}
