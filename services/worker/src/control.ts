import type pg from 'pg'
import type { Pace } from './pace.ts'
import type { Stop } from './stop.ts'

/** Carries what the user wants of a scan to the shards of it that run here. */
export interface Control {
  /** Stops the shard when its scan is paused, cancelled or out of time, or this worker goes down. Returns the release. */
  watch(scanId: string, watcher: Watcher): () => void
  /** Asks at once instead of at the next turn. */
  hurry(): void
  /** How many shards run here. */
  running(): number
  /** Stops everything, now and from now on. */
  shutdown(): void
  close(): Promise<void>
}

export type Watcher = { readonly stop: Stop; readonly pace: Pace }

type Wanted = {
  readonly id: string
  readonly wanted: string
  readonly late: boolean
  readonly rate: number | null
  readonly per_host_rate: number | null
}

/** One small query each `period` milliseconds, however many shards run, and none while nothing does. */
export function createControl(db: pg.Pool, onError: (error: unknown) => void, period = 250): Control {
  const watched = new Map<Watcher, string>()
  let down = false
  let asking: Promise<void> | null = null
  const ask = async () => {
    // Who begins to watch while the question is under way is not in its answer.
    const asked = [...watched]
    const { rows } = await db.query<Wanted>({
      name: 'wanted',
      text: `SELECT id, CASE WHEN held AND wanted = 'run' THEN 'pause' ELSE wanted END AS wanted, coalesce(time_limit_at < now(), false) AS late, rate, per_host_rate FROM scans
        WHERE id = ANY ($1)`,
      values: [[...new Set(asked.map(([, scanId]) => scanId))]],
    })
    const wishes = new Map(rows.map((row) => [row.id, row]))
    for (const [{ stop, pace }, scanId] of asked) {
      const wish = wishes.get(scanId)
      // A scan that was deleted wants nothing any more.
      if (wish === undefined || wish.late || wish.wanted === 'cancel') stop.stop('cancel')
      else if (wish.wanted === 'pause') stop.stop('pause')
      else pace.set({ rate: wish.rate, perHostRate: wish.per_host_rate })
    }
  }
  const hurry = () => {
    if (watched.size === 0 || asking !== null) return
    asking = ask()
      .catch(onError)
      .finally(() => {
        asking = null
      })
  }
  const timer = setInterval(hurry, period)
  return {
    hurry,
    watch(scanId, watcher) {
      watched.set(watcher, scanId)
      if (down) watcher.stop.stop('shutdown')
      return () => watched.delete(watcher)
    },
    running: () => watched.size,
    shutdown() {
      down = true
      for (const { stop } of watched.keys()) stop.stop('shutdown')
    },
    async close() {
      clearInterval(timer)
      await asking
    },
  }
}
