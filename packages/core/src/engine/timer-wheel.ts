/**
 * One timer for each of many slots, in constant time and without garbage: buckets of a millisecond, each a doubly
 * linked list threaded through two Int32Arrays (Varghese and Lauck 1987, scheme 6).
 */
import assert from 'node:assert'

const BUCKETS = 8192
const MASK = BUCKETS - 1
const NONE = -1

export class TimerWheel {
  readonly #due: Float64Array
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #heads = new Int32Array(BUCKETS).fill(NONE)
  /** Bucket a slot is in, or NONE. */
  readonly #bucket: Int32Array
  /** The millisecond whose bucket fires next. */
  #tick: number
  #count = 0

  constructor(slots: number, now: number) {
    this.#due = new Float64Array(slots)
    this.#next = new Int32Array(slots).fill(NONE)
    this.#previous = new Int32Array(slots).fill(NONE)
    this.#bucket = new Int32Array(slots).fill(NONE)
    this.#tick = Math.floor(now)
  }

  /** Timers set. */
  get count(): number {
    return this.#count
  }

  /** Sets or moves the timer of `slot` to `due` (milliseconds of the clock `advance` is given). */
  set(slot: number, due: number): void {
    assert(Number.isFinite(due))
    this.cancel(slot)
    this.#due[slot] = due
    // Beyond the horizon: the last bucket, which looks again when its turn comes.
    const tick = Math.min(Math.max(Math.ceil(due), this.#tick), this.#tick + BUCKETS - 1)
    const bucket = tick & MASK
    const head = this.#heads[bucket] ?? NONE
    this.#next[slot] = head
    this.#previous[slot] = NONE
    if (head !== NONE) this.#previous[head] = slot
    this.#heads[bucket] = slot
    this.#bucket[slot] = bucket
    this.#count++
  }

  cancel(slot: number): void {
    const bucket = this.#bucket[slot] ?? NONE
    if (bucket === NONE) return
    const next = this.#next[slot] ?? NONE
    const previous = this.#previous[slot] ?? NONE
    if (previous === NONE) this.#heads[bucket] = next
    else this.#next[previous] = next
    if (next !== NONE) this.#previous[next] = previous
    this.#bucket[slot] = NONE
    this.#count--
  }

  /** Fires every timer due by `now`, each once; `fire` may set and cancel timers. A clock that goes back fires nothing. */
  advance(now: number, fire: (slot: number) => void): void {
    const last = Math.floor(now)
    // After a long sleep one round over all buckets sees every timer.
    let tick = Math.max(this.#tick, last - BUCKETS + 1)
    // Moved on beforehand: what `fire` sets is for a later turn.
    this.#tick = Math.max(this.#tick, last + 1)
    for (; tick <= last && this.#count > 0; tick++) {
      if (this.#heads[tick & MASK] !== NONE) this.#fireBucket(tick & MASK, now, fire)
    }
  }

  #fireBucket(bucket: number, now: number, fire: (slot: number) => void): void {
    const slots: number[] = []
    for (let slot = this.#heads[bucket] ?? NONE; slot !== NONE; slot = this.#next[slot] ?? NONE) slots.push(slot)
    for (const slot of slots) {
      // Cancelled or moved by one that fired before it.
      if (this.#bucket[slot] !== bucket) continue
      this.cancel(slot)
      const due = this.#due[slot] ?? 0
      if (due <= now) fire(slot)
      else this.set(slot, due)
    }
  }

  /** Milliseconds until the next timer may fire: never late, at most a millisecond early. Infinity without timers. */
  pause(now: number): number {
    if (this.#count === 0) return Number.POSITIVE_INFINITY
    for (let i = 0; i < BUCKETS; i++) {
      if (this.#heads[(this.#tick + i) & MASK] !== NONE) return Math.max(0, this.#tick + i - now)
    }
    return 0
  }
}
