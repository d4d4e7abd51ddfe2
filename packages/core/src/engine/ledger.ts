/**
 * The accounts of one slice of a probe space: which positions have been handed out, which are final, and how far the
 * frontier (the checkpoint) has come. A ring of one byte per position between the frontier and the furthest position
 * handed out, so memory is the window's, whatever the size of the slice, and a position can become final only once:
 * duplicates are impossible by construction.
 *
 *        from ........ resolvedUpTo [ final | open | final | open ... ] next ........ to
 *                                    `--------- ring, <= capacity ---'
 */
import assert from 'node:assert'
import type { PortState, StateCounts } from './engine.ts'

const UNRESOLVED = 0
const CODES: Readonly<Record<PortState, number>> = { open: 1, closed: 2, filtered: 3, 'open|filtered': 4 }

export class Ledger {
  readonly to: number
  readonly #mask: number
  readonly #states: Uint8Array
  /** Ring index of the frontier. */
  #head = 0
  #resolvedUpTo: number
  #next: number
  #waiting = 0

  /** `capacity`: the most positions between the frontier and the furthest one handed out; a power of two. */
  constructor(from: number, to: number, capacity = 1 << 20) {
    assert(from <= to && (capacity & (capacity - 1)) === 0)
    this.to = to
    this.#resolvedUpTo = from
    this.#next = from
    // A small slice needs a small ring only.
    const size = Math.min(capacity, 2 ** Math.ceil(Math.log2(Math.max(2, to - from))))
    this.#mask = size - 1
    this.#states = new Uint8Array(size)
  }

  /** Every position below is final. */
  get resolvedUpTo(): number {
    return this.#resolvedUpTo
  }

  /** The position `take` would hand out. */
  get next(): number {
    return this.#next
  }

  /** Positions handed out and not final. */
  get waiting(): number {
    return this.#waiting
  }

  /** How many positions can be handed out before the frontier has to move. */
  get room(): number {
    return Math.min(this.to, this.#resolvedUpTo + this.#mask + 1) - this.#next
  }

  get done(): boolean {
    return this.#next === this.to && this.#waiting === 0
  }

  /** Hands out the next position; only while there is `room`. */
  take(): number {
    assert(this.room > 0)
    this.#waiting++
    return this.#next++
  }

  /** Has `position` been handed out, and is it still open? False for anything else, forged positions included. */
  isWaiting(position: number): boolean {
    if (!(position >= this.#resolvedUpTo && position < this.#next)) return false
    return this.#states[this.#slot(position)] === UNRESOLVED
  }

  /** Makes `position` final. False when it already was, or was never handed out: then nothing happens. */
  resolve(position: number, state: PortState): boolean {
    if (!this.isWaiting(position)) return false
    this.#states[this.#slot(position)] = CODES[state]
    this.#waiting--
    return true
  }

  /** Moves the frontier over everything final and counts exactly what it passed. */
  advance(): StateCounts {
    const tally = [0, 0, 0, 0, 0]
    while (this.#resolvedUpTo < this.#next) {
      const code = this.#states[this.#head] ?? UNRESOLVED
      if (code === UNRESOLVED) break
      tally[code] = (tally[code] ?? 0) + 1
      this.#states[this.#head] = UNRESOLVED
      this.#head = (this.#head + 1) & this.#mask
      this.#resolvedUpTo++
    }
    const [, open = 0, closed = 0, filtered = 0, openFiltered = 0] = tally
    return { open, closed, filtered, openFiltered }
  }

  #slot(position: number): number {
    return (this.#head + (position - this.#resolvedUpTo)) & this.#mask
  }
}
