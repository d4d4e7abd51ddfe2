/** Fetches permissions from a shared RateGate ahead of need, so that asking (a round trip, maybe) never stalls sending. */
import type { RateGate } from './rate-gate.ts'

export class GateKeeper {
  /** Probes that may go now. */
  credits: number
  /** What the gate failed with, if it did. */
  error: unknown = null
  readonly #gate: RateGate | undefined
  readonly #signal: AbortSignal
  readonly #granted: () => void
  #asking = false

  /** `granted` is called whenever credits have come in. */
  constructor(gate: RateGate | undefined, signal: AbortSignal, granted: () => void) {
    this.#gate = gate
    this.#signal = signal
    this.#granted = granted
    this.credits = gate ? 0 : Number.POSITIVE_INFINITY
  }

  /** Sees to it that about `wanted` credits are there soon. */
  request(wanted: number): void {
    if (!this.#gate || this.#asking || this.credits >= wanted || this.#signal.aborted) return
    this.#asking = true
    this.#gate.take(Math.ceil(wanted - this.credits), this.#signal).then(
      (count) => this.#settle(count, null),
      (error: unknown) => this.#settle(0, error),
    )
  }

  #settle(count: number, error: unknown): void {
    this.#asking = false
    this.credits += count
    if (error !== null && !this.#signal.aborted) this.error = error
    this.#granted()
  }
}
