import type { Batch, EngineStats } from '@portolan/core/engine/engine.ts'
import { type Observation, writeObservations } from '@portolan/db/observations.ts'
import type { Parts } from './parts.ts'
import { type Claim, type Progress, saveProgress } from './shard-claim.ts'
import type { Stop } from './stop.ts'
import { transaction, untilDone } from './transaction.ts'

/** Puts a shard's results, counters and checkpoint into the tables: together, or not at all. */
export interface ShardWriter {
  /** Every position below is final; results that are on their way to the tables included. */
  readonly checkpoint: number
  /** Begins a run of an engine: the totals of its batches are added to what was there before. */
  begin(): void
  /** Takes over a batch; waits when the tables do not keep up. */
  batch(batch: Batch, observations: readonly Observation[]): Promise<void>
  /** Adds to, or replaces, what is known of one endpoint. */
  observe(observation: Observation): Promise<void>
  /** Resolves when everything taken over is in the tables. Throws LeaseLost. */
  flush(): Promise<void>
}

/** Results are held back so long at most, in milliseconds ... */
const DELAY = 200
/** ... and so many of them. */
const MOST_PENDING = 2_000

export function createShardWriter(parts: Parts, claim: Claim, stop: Stop): ShardWriter {
  const { scanId, transport } = claim
  const observedBy = { scanId, vantage: parts.self.vantage, transport }
  let pending = new Map<string, Observation>()
  let progress = claim.progress
  let base = claim.progress
  let dirty = false
  let failure: { readonly error: unknown } | null = null
  let timer: NodeJS.Timeout | null = null
  let committing: Promise<void> | null = null

  const commit = async () => {
    while (dirty) {
      const rows = [...pending.values()]
      const reached = progress
      pending = new Map()
      dirty = false
      const write = () =>
        transaction(parts.db, async (client) => {
          await saveProgress(client, claim, reached, parts.lease)
          await writeObservations(client, observedBy, rows)
        })
      // Once this worker is told to go, or the shard is lost, there is one try and no second.
      await untilDone(write, stop.signal)
    }
  }
  /** One commit at a time, in order. A failure stops the shard and comes out of every later call. */
  const start = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    committing ??= commit()
      .catch((error: unknown) => {
        failure ??= { error }
        stop.stop('lost')
      })
      .finally(() => {
        committing = null
      })
    return committing
  }
  const check = () => {
    if (failure !== null) throw failure.error
  }
  const taken = async () => {
    dirty = true
    check()
    if (pending.size >= MOST_PENDING) await start()
    else timer ??= setTimeout(start, DELAY)
    check()
  }
  const put = (observation: Observation) => pending.set(`${observation.ip} ${observation.port}`, observation)
  return {
    get checkpoint() {
      return progress.checkpoint
    },
    begin() {
      base = progress
    },
    async batch({ resolvedUpTo, counts, stats }, observations) {
      for (const observation of observations) put(observation)
      progress = advance({ progress, base, stats }, resolvedUpTo, counts)
      await taken()
    },
    async observe(observation) {
      put(observation)
      await taken()
    },
    async flush() {
      while (dirty || committing !== null) {
        await start()
        check()
      }
      check()
    },
  }
}

type Before = { readonly progress: Progress; readonly base: Progress; readonly stats: EngineStats }

/** `counts` covers this batch alone; the engine's `stats` its whole run, which began at `base`. */
function advance({ progress, base, stats }: Before, checkpoint: number, counts: Batch['counts']): Progress {
  const { open, closed, filtered, openFiltered } = progress.counts
  return {
    checkpoint,
    counts: {
      open: open + counts.open,
      closed: closed + counts.closed,
      filtered: filtered + counts.filtered,
      openFiltered: openFiltered + counts.openFiltered,
    },
    sent: base.sent + stats.sent,
    received: base.received + stats.received,
    loss: stats.lossEstimate,
    recall: stats.recallEstimate,
  }
}
