import type pg from 'pg'
import type { Pace } from './pace.ts'
import type { Stop } from './stop.ts'

/** Carries what the user wants of a scan to the shards of it that run here. */
export interface Control {
  /** Stops the shard when its scan is paused, cancelled or out of time, or this worker goes down. Returns the release. */
  watch(scanId: string, watcher: Watcher): () => void
  /** Asks at once instead of at the next turn. */
  hurry(): void
  /** Hands back the shard that has run here longest, if that is `slice` milliseconds at least. */
  yieldOldest(slice: number): void
  /** How many shards run here. */
  running(): number
  /** Stops everything, now and from now on. */
  shutdown(): void
  close(): Promise<void>
}

export type Watcher = {
  readonly stop: Stop
  readonly pace: Pace
  /** When it began, if it can go on from where it was handed back; milliseconds of a clock that does not jump. */
  readonly yieldsSince?: number
}

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
    for (const [watcher, scanId] of asked) obey(watcher, wishes.get(scanId))
  }
  let again = false
  const hurry = () => {
    // What is wished now may not be in the answer that is under way.
    again = asking !== null
    if (watched.size === 0 || asking !== null) return
    asking = ask()
      .catch(onError)
      .finally(() => {
        asking = null
        if (again) hurry()
      })
  }
  const timer = setInterval(() => asking ?? hurry(), period)
  return {
    hurry,
    watch(scanId, watcher) {
      watched.set(watcher, scanId)
      if (down) watcher.stop.stop('shutdown')
      return () => watched.delete(watcher)
    },
    yieldOldest(slice) {
      longestOf(watched.keys(), slice)?.stop.stop('yield')
    },
    running: () => watched.size,
    shutdown() {
      down = true
      for (const { stop } of watched.keys()) stop.stop('shutdown')
    },
    async close() {
      clearInterval(timer)
      while (asking !== null) await asking
    },
  }
}

/** A scan that was deleted wants nothing any more. */
function obey({ stop, pace }: Watcher, wish: Wanted | undefined): void {
  if (wish === undefined || wish.late || wish.wanted === 'cancel') stop.stop('cancel')
  else if (wish.wanted === 'pause') stop.stop('pause')
  else pace.set({ rate: wish.rate, perHostRate: wish.per_host_rate })
}

/** The one that has run longest of those that can yield and have run for `slice` milliseconds. */
function longestOf(watchers: Iterable<Watcher>, slice: number): Watcher | undefined {
  const began = ({ yieldsSince = Number.POSITIVE_INFINITY }: Watcher) => yieldsSince
  return [...watchers]
    .filter((watcher) => !watcher.stop.signal.aborted && began(watcher) <= performance.now() - slice)
    .sort((a, b) => began(a) - began(b))[0]
}
