import { cutInto, type Shard } from '@portolan/core/target/shard.ts'

/** Seconds a shard should last: long enough that starting it costs nothing, short enough to lose or wait for. */
const SECONDS = 20
/** Probes per second one shard is taken to make where the scan does not say. */
const TYPICAL_RATE = 60_000
/** Below this a shard costs more to hand out than to scan ... */
const FEWEST_PROBES = 1_024
/** ... unless the rate its user asked for makes it last longer than so many seconds. */
const SLOW = 60
/** Rows of `shards` one vantage and transport of a scan may take. */
const MOST_SHARDS = 10_000

export type Cut = {
  /** Probes. */
  readonly size: number
  /** Addresses among them. */
  readonly hosts: number
  /** Probes per second of all shards together, null when the scan does not say. */
  readonly rate: number | null
  /** Probes per second to any one address, null when the scan does not say. */
  readonly perHostRate: number | null
  /** The same of the installation. Others share them, and they may be others in a minute: no shard is tiny for them. */
  readonly most?: { readonly rate: number | null; readonly perHostRate: number | null }
  /** Shards that can run at once; at least 1. */
  readonly slots: number
}

/**
 * So many slices that each lasts about twenty seconds and every slot gets some, but never tiny ones. More slices
 * at once than addresses would only have several workers guess at the pace of the same host.
 */
export function cutShards({ size, hosts, rate, perHostRate, most, slots }: Cut): readonly Shard[] {
  const atOnce = Math.min(slots, hosts)
  const wanted = Math.min(rate ?? TYPICAL_RATE * slots, numeric(perHostRate) * hosts)
  const allowed = Math.min(numeric(most?.rate), numeric(most?.perHostRate) * hosts, wanted)
  const fewest = Math.max(1, Math.min(FEWEST_PROBES, (wanted / slots) * SLOW))
  const bySize = Math.ceil(size / ((allowed / slots) * SECONDS))
  const bySlots = atOnce > 1 ? Math.min(atOnce * 2, Math.floor(size / fewest)) : 1
  const atMost = Math.min(MOST_SHARDS, Math.ceil(size / fewest))
  return [...cutInto(size, Math.max(1, Math.min(Math.max(bySize, bySlots), atMost)))]
}

const numeric = (limit: number | null | undefined): number => limit ?? Number.POSITIVE_INFINITY
