/** Where a scan's pump leaves what it found and its caller picks it up: everything unfetched is one batch. */
import type { Batch, EngineStats, PortResult, StateCounts } from './engine.ts'

/** Without anything urgent a batch this often is enough, ms; with nothing new at all, this often to show life. */
const INTERVAL = 100
const HEARTBEAT = 1000

export class Mailbox {
  readonly #clock: () => number
  #results: PortResult[] = []
  #counts: StateCounts = { open: 0, closed: 0, filtered: 0, openFiltered: 0 }
  #latest: { resolvedUpTo: number; stats: EngineStats } | null = null
  #fetchedAt: number
  #fetchedUpTo = Number.NEGATIVE_INFINITY
  #ripe = false
  #closed = false
  #wake: () => void = () => {}

  constructor(clock: () => number) {
    this.#clock = clock
    this.#fetchedAt = clock()
  }

  /** Results nobody has fetched yet. */
  get backlog(): number {
    return this.#results.length
  }

  /** To be recorded; `urgent`: the caller should hear of it at once. */
  add(result: PortResult, urgent: boolean): void {
    this.#results.push(result)
    if (urgent) this.#ripe = true
  }

  /** The frontier has come to `resolvedUpTo`, passing `counts` since the last post. */
  post(resolvedUpTo: number, counts: StateCounts, stats: EngineStats): void {
    const sum = this.#counts
    this.#counts = {
      open: sum.open + counts.open,
      closed: sum.closed + counts.closed,
      filtered: sum.filtered + counts.filtered,
      openFiltered: sum.openFiltered + counts.openFiltered,
    }
    this.#latest = { resolvedUpTo, stats }
    const fresh = resolvedUpTo > this.#fetchedUpTo || this.#results.length > 0
    if (this.#ripe || this.#clock() - this.#fetchedAt >= (fresh ? INTERVAL : HEARTBEAT)) {
      this.#ripe = true
      this.#wake()
    }
  }

  /** Nothing more comes; what is here is the last batch. */
  close(): void {
    this.#closed = true
    this.#ripe = true
    this.#wake()
  }

  async *batches(): AsyncGenerator<Batch> {
    for (;;) {
      if (!this.#ripe) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
      const last = this.#closed
      const batch = this.#take()
      if (batch) yield batch
      if (last) return
    }
  }

  #take(): Batch | null {
    this.#ripe = this.#closed
    this.#fetchedAt = this.#clock()
    if (this.#latest === null) return null
    this.#fetchedUpTo = this.#latest.resolvedUpTo
    const batch = { ...this.#latest, counts: this.#counts, results: this.#results }
    this.#latest = null
    this.#results = []
    this.#counts = { open: 0, closed: 0, filtered: 0, openFiltered: 0 }
    return batch
  }
}
