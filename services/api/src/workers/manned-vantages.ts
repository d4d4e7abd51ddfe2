import type { Pool } from 'pg'

/** Where somebody stands who could scan. */
export interface MannedVantages {
  manned(): Promise<ReadonlySet<string>>
}

/** Milliseconds for which the answer is kept: a scan may be started a thousand times in that. */
const AGE = 500

/** Three leases of a worker with the usual settings: as long as the workers themselves count on one. */
const MANNED = {
  name: 'manned-vantages',
  text: `SELECT DISTINCT vantage FROM workers WHERE heartbeat_at > now() - interval '45 seconds'`,
}

export function createMannedVantages(pool: Pool, now: () => Date): MannedVantages {
  let known: { readonly at: number; readonly manned: Promise<ReadonlySet<string>> } | null = null
  return {
    manned() {
      const at = now().getTime()
      if (known !== null && at - known.at < AGE) return known.manned
      const manned = pool
        .query<{ vantage: string }>(MANNED)
        .then(({ rows }) => new Set(rows.map(({ vantage }) => vantage)))
      known = { at, manned }
      manned.catch(() => {
        known = null
      })
      return manned
    },
  }
}
