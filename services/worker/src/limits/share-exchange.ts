/** Renewing shares with the database, which hands them out (the functions share_rates and share_hosts). */
import type pg from 'pg'

/** Milliseconds a share lasts without being renewed: what a dead worker held goes to the others after that. */
export const SHARE_LEASE = 1_500

export type RateWish = { readonly key: string; readonly demand: number }
export type HostWish = { readonly shardId: string; readonly scanId: string }

export type HostShare = {
  /** Probes per second to any one address, and of which limit that is a part; null: no limit. */
  readonly share: number | null
  readonly most: number | null
}

/** The shares by key; null for a key without a limit. */
export async function renewRates(
  db: pg.Pool,
  workerId: string,
  wishes: readonly RateWish[],
): Promise<ReadonlyMap<string, number | null>> {
  const { rows } = await db.query<{ key: string; share: number }>({
    name: 'share-rates',
    text: 'SELECT * FROM share_rates($1, $2, $3, $4)',
    values: [workerId, wishes.map((w) => w.key), wishes.map((w) => w.demand), SHARE_LEASE],
  })
  const shares = new Map(rows.map(({ key, share }) => [key, share]))
  return new Map(wishes.map(({ key }) => [key, shares.get(key) ?? null]))
}

/** Scans that have no address in common, found out once each; of others it is assumed that they have. */
export class HostShares {
  readonly #db: pg.Pool
  readonly #met = new Map<string, Map<string, boolean>>()

  constructor(db: pg.Pool) {
    this.#db = db
  }

  /** The shares by shard. */
  async renew(wishes: readonly HostWish[]): Promise<ReadonlyMap<string, HostShare>> {
    const scans = new Set(wishes.map((w) => w.scanId))
    for (const scanId of this.#met.keys()) if (!scans.has(scanId)) this.#met.delete(scanId)
    const apart = Array.from(this.#met, ([scan, met]) => Array.from(met, ([other, meets]) => ({ scan, other, meets })))
      .flat()
      .filter(({ meets }) => !meets)
    const { rows } = await this.#db.query<HostShare & { shard_id: string; strangers: readonly string[] | null }>({
      name: 'share-hosts',
      text: 'SELECT shard_id::text, share, most, strangers FROM share_hosts($1, $2, $3, $4, $5)',
      values: [
        wishes.map((w) => w.shardId),
        wishes.map((w) => w.scanId),
        apart.map((a) => a.scan),
        apart.map((a) => a.other),
        SHARE_LEASE,
      ],
    })
    const scanOf = new Map(wishes.map((w) => [w.shardId, w.scanId]))
    for (const row of rows) await this.#meet(scanOf.get(row.shard_id) ?? '', row.strangers ?? [])
    return new Map(rows.map(({ shard_id, share, most }) => [shard_id, { share, most }]))
  }

  async #meet(scanId: string, strangers: readonly string[]): Promise<void> {
    const met = this.#met.get(scanId) ?? new Map<string, boolean>()
    this.#met.set(scanId, met)
    const fresh = strangers.filter((other) => !met.has(other))
    if (fresh.length === 0) return
    const { rows } = await this.#db.query<{ other: string; meets: boolean }>({
      name: 'scans-meet',
      text: MEET,
      values: [scanId, fresh],
    })
    for (const { other, meets } of rows) met.set(other, meets)
  }
}

/** The ranges of one scan never overlap, so the last that begins before the end of another is the only one to look at. */
const MEET = `SELECT other, EXISTS (
    SELECT FROM scan_targets mine CROSS JOIN LATERAL (
      SELECT range_end FROM scan_targets WHERE scan_id = other AND range_start <= mine.range_end
      ORDER BY range_start DESC LIMIT 1) AS theirs
    WHERE mine.scan_id = $1 AND theirs.range_end >= mine.range_start) AS meets
  FROM unnest($2::uuid[]) AS other`
