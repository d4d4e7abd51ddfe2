import type pg from 'pg'
import type { Stop } from './stop.ts'

/** Carries what the user wants of a scan to the shards of it that run here. */
export interface Control {
  /** Stops the shard when its scan is paused, cancelled or out of time, or this worker goes down. Returns the release. */
  watch(scanId: string, stop: Stop): () => void
  /** How many shards run here. */
  running(): number
  /** Stops everything, now and from now on. */
  shutdown(): void
  close(): Promise<void>
}

type Wanted = { readonly id: string; readonly wanted: string; readonly late: boolean }

/** One small query each `period` milliseconds, however many shards run, and none while nothing does. */
export function createControl(db: pg.Pool, onError: (error: unknown) => void, period = 250): Control {
  const watched = new Map<Stop, string>()
  let down = false
  let asking: Promise<void> | null = null
  const ask = async () => {
    const { rows } = await db.query<Wanted>(
      `SELECT id, wanted, coalesce(time_limit_at < now(), false) AS late FROM scans
       WHERE id = ANY($1) AND (wanted <> 'run' OR time_limit_at < now())`,
      [[...new Set(watched.values())]],
    )
    for (const [stop, scanId] of watched) {
      const scan = rows.find(({ id }) => id === scanId)
      if (scan) stop.stop(scan.wanted === 'pause' && !scan.late ? 'pause' : 'cancel')
    }
  }
  const timer = setInterval(() => {
    if (watched.size === 0 || asking !== null) return
    asking = ask()
      .catch(onError)
      .finally(() => {
        asking = null
      })
  }, period)
  return {
    watch(scanId, stop) {
      watched.set(stop, scanId)
      if (down) stop.stop('shutdown')
      return () => watched.delete(stop)
    },
    running: () => watched.size,
    shutdown() {
      down = true
      for (const stop of watched.keys()) stop.stop('shutdown')
    },
    async close() {
      clearInterval(timer)
      await asking
    },
  }
}
