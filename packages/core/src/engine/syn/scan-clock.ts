/**
 * Milliseconds a scan was really at work. A process that is stopped (SIGSTOP, a debugger, a suspended machine) cannot
 * hear answers, so the time it missed does not count: no timeout expires and no packet falls due because of it.
 */

/** A gap beyond what was asked for longer than this is a stop, not a busy machine. */
const STOP = 400

export class ScanClock {
  readonly #monotonic: () => number
  #last: number
  #skipped = 0
  #expected = 0

  /** `monotonic`: milliseconds of a clock that never jumps, `performance.now`. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
    this.#last = monotonic()
  }

  /** The time; call it once a turn of the loop. */
  now(): number {
    const time = this.#monotonic()
    const gap = time - this.#last - this.#expected
    if (gap > STOP) this.#skipped += gap
    this.#last = Math.max(this.#last, time)
    this.#expected = 0
    return this.#last - this.#skipped
  }

  /** The next call will come up to `ms` later on purpose. */
  expect(ms: number): void {
    this.#expected = ms
  }
}
