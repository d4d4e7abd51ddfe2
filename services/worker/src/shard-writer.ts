import type { Batch, EngineStats } from '@portolan/core/engine/engine.ts'
import { type Observation, type ObservedBy, writeObservations } from '@portolan/db/observations.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type { Parts } from './parts.ts'
import { type Claim, type Progress, saveProgress } from './shard-claim.ts'
import type { Stop } from './stop.ts'
import { untilDone } from './until-done.ts'

/**
 * Results are held back so long at most, in milliseconds: every commit takes processor time from sending, here and in
 * the database, and nobody misses half a second ...
 */
const DELAY = 500
/** ... but not the first ones: whoever has just started or resumed a scan wants to see it move ... */
const FIRST_DELAY = 100
/** ... and so many of them. */
const MOST_PENDING = 2_000

type WriterParts = Pick<Parts, 'db' | 'self' | 'lease' | 'tally'>

/**
 * Puts a shard's results, counters and checkpoint into the tables: together, or not at all. One commit at a time, in
 * order; the first that fails stops the shard, and its error comes out of every later call.
 */
export class ShardWriter {
  readonly #parts: WriterParts
  readonly #claim: Claim
  readonly #stop: Stop
  readonly #observedBy: ObservedBy
  /** Seen for the first time, as far as this writer knows. */
  #pending = new Map<string, Observation>()
  /** What is known by now of endpoints that are in the tables. */
  #later = new Map<string, Observation>()
  #progress: Progress
  /** Where the running engine began to count. */
  #base: Progress
  #dirty = false
  /** What of the progress is counted in the tally. */
  #counted: Progress
  #failure: { readonly error: unknown } | null = null
  #delay = FIRST_DELAY
  #timer: NodeJS.Timeout | null = null
  #committing: Promise<void> | null = null

  constructor(parts: WriterParts, claim: Claim, stop: Stop) {
    this.#parts = parts
    this.#claim = claim
    this.#stop = stop
    this.#observedBy = { scanId: claim.scanId, vantage: parts.self.vantage, transport: claim.transport }
    this.#progress = claim.progress
    this.#base = claim.progress
    this.#counted = claim.progress
  }

  /** Every position below is final; results that are on their way to the tables included. */
  get checkpoint(): number {
    return this.#progress.checkpoint
  }

  /** Begins a run of an engine: the totals of its batches are added to what was there before. */
  begin(): void {
    this.#base = this.#progress
  }

  /** Takes over a batch; waits when the tables do not keep up. */
  async batch(batch: Batch, observations: readonly Observation[]): Promise<void> {
    for (const observation of observations) this.#pending.set(keyOf(observation), observation)
    this.#progress = advance(this.#progress, this.#base, batch)
    await this.#taken()
  }

  /** Adds to, or replaces, what is known of one endpoint. */
  async observe(observation: Observation): Promise<void> {
    const key = keyOf(observation)
    const into = this.#pending.has(key) ? this.#pending : this.#later
    into.set(key, observation)
    await this.#taken()
  }

  /** Resolves when everything taken over is in the tables. Throws LeaseLost. */
  async flush(): Promise<void> {
    while (this.#failure === null && (this.#dirty || this.#committing !== null)) await this.#start()
    this.#check()
  }

  async #taken(): Promise<void> {
    this.#dirty = true
    this.#check()
    this.#arm()
    // The commit that is under way may have begun before these came.
    while (this.#failure === null && this.#pending.size + this.#later.size >= MOST_PENDING) await this.#start()
    this.#check()
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure.error
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#start()
    }, this.#delay)
  }

  /** Nothing is stored after a failure: what comes later would tell of results that are lost as if they were there. */
  async #start(): Promise<void> {
    if (this.#failure !== null) return
    if (this.#committing !== null) return this.#committing
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#delay = DELAY
    this.#committing = this.#commit()
      .catch((error: unknown) => {
        this.#failure ??= { error }
        this.#stop.stop('lost')
      })
      .finally(() => {
        this.#committing = null
        if (this.#dirty && this.#failure === null) this.#arm()
      })
    return this.#committing
  }

  /** What comes in meanwhile waits for the next one. */
  async #commit(): Promise<void> {
    const rows = { first: [...this.#pending.values()], later: [...this.#later.values()] }
    const reached = this.#progress
    this.#pending = new Map()
    this.#later = new Map()
    this.#dirty = false
    // Once this worker is told to go, or the shard is lost, there is one try and no second.
    await untilDone(() => this.#write(reached, rows), this.#stop.signal)
    this.#parts.tally.add({
      sent: reached.sent - this.#counted.sent,
      received: reached.received - this.#counted.received,
      stored: rows.first.length + rows.later.length,
    })
    this.#counted = reached
  }

  async #write(reached: Progress, { first, later }: Rows): Promise<void> {
    const { db, lease } = this.#parts
    // One statement is a transaction, and costs a third of the round trips.
    if (first.length + later.length === 0) return saveProgress(db, this.#claim, reached, lease)
    await transaction(db, async (client) => {
      await saveProgress(client, this.#claim, reached, lease)
      // Whoever held the shard before may have stored results beyond the checkpoint.
      await writeObservations(client, this.#observedBy, first, { known: this.#claim.epoch > 1 })
      await writeObservations(client, this.#observedBy, later, { known: true })
    })
  }
}

type Rows = { readonly first: readonly Observation[]; readonly later: readonly Observation[] }

const keyOf = ({ ip, port }: Observation) => `${ip} ${port}`

/** `counts` covers this batch alone; the engine's `stats` its whole run, which began at `base`. */
function advance(progress: Progress, base: Progress, { resolvedUpTo, counts, stats }: Batch): Progress {
  const { open, closed, filtered, openFiltered } = progress.counts
  return {
    checkpoint: resolvedUpTo,
    counts: {
      open: open + counts.open,
      closed: closed + counts.closed,
      filtered: filtered + counts.filtered,
      openFiltered: openFiltered + counts.openFiltered,
    },
    ...totalsOf(base, stats),
  }
}

const totalsOf = ({ sent, received }: Progress, stats: EngineStats) => ({
  sent: sent + stats.sent,
  received: received + stats.received,
  loss: stats.lossEstimate,
  recall: stats.recallEstimate,
})
