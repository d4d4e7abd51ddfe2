import { ping } from '@portolan/core/engine/ping.ts'
import { formatAddress, parseAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, addressAt, setOf, setOfAddresses, union } from '@portolan/core/target/address-set.ts'
import type pg from 'pg'
import type { Membership } from './limits/shared-limits.ts'
import type { Scan } from './load-scan.ts'
import { insertShards, shardsAt } from './new-shards.ts'
import { createPace } from './pace.ts'
import type { Parts } from './parts.ts'
import { type Claim, type ShardEnd, saveProgress } from './shard-claim.ts'
import type { Stop } from './stop.ts'
import { untilCommitted } from './until-done.ts'

export type Discovery = { readonly scan: Scan; readonly claim: Claim; readonly stop: Stop }

/**
 * Looks for hosts, and cuts the shards of this vantage from those that answered. All or nothing: stopped in between, it
 * begins anew. Throws LocalTrouble and LeaseLost.
 */
export async function discoverHosts(parts: Parts, { scan, claim, stop }: Discovery): Promise<ShardEnd> {
  const release = parts.control.watch(scan.id, { stop, pace: createPace(scan) })
  const limits = await parts.limits.join({ ...claim, onChange: () => {} }, stop.signal)
  const live = await findHosts(scan, limits, stop.signal).finally(() => {
    release()
    limits.leave()
  })
  const why = stop.reason()
  if (why !== null) return why === 'cancel' ? { state: 'cancelled' } : { state: 'pending', error: null }
  const { vantage } = parts.self
  const shards = await shardsAt(parts, vantage, { ...scan, space: (transport) => scan.spaceOf(live, transport) })
  await untilCommitted(
    parts.db,
    async (client) => {
      await saveProgress(client, claim, claim.progress, parts.lease)
      await storeHosts(client, { scanId: scan.id, vantage, live })
      await insertShards(client, scan.id, shards)
      // Done in the same transaction: a second search would cut other shards.
      await client.query(`UPDATE shards SET state = 'done', worker_id = NULL, lease_until = NULL WHERE id = $1`, [
        claim.shardId,
      ])
      await client.query(
        `UPDATE scans SET probes_total = (SELECT sum(to_position - from_position) FROM shards WHERE scan_id = $1)
           WHERE id = $1`,
        [scan.id],
      )
    },
    stop.signal,
  )
  return { state: 'done' }
}

/** Merged as they come in, so that a big network that answers takes little memory. */
const MERGE_AT = 10_000

async function findHosts(scan: Scan, { gate }: Membership, signal: AbortSignal): Promise<AddressSet> {
  let live: AddressSet = setOf([])
  let fresh: string[] = []
  const merge = () => {
    const addresses = fresh.map((ip) => parseAddress(ip)).flatMap((parsed) => (parsed.ok ? [parsed.value] : []))
    live = union(live, setOfAddresses(addresses))
    fresh = []
  }
  const rate = scan.rate === null ? {} : { rate: scan.rate }
  for await (const hosts of ping({ addresses: scan.addresses, ...rate, gate }, signal)) {
    for (const { ip } of hosts) fresh.push(ip)
    if (fresh.length >= MERGE_AT) merge()
  }
  merge()
  return live
}

type Found = { readonly scanId: string; readonly vantage: string; readonly live: AddressSet }

async function storeHosts(client: pg.ClientBase, { scanId, vantage, live }: Found): Promise<void> {
  await client.query(
    `INSERT INTO live_hosts (scan_id, vantage, range_start, range_end)
     SELECT $1, $2, first, last FROM unnest($3::inet[], $4::inet[]) AS found (first, last)`,
    [
      scanId,
      vantage,
      live.spans.map(({ first }) => formatAddress(addressAt(first))),
      live.spans.map(({ last }) => formatAddress(addressAt(last))),
    ],
  )
}
