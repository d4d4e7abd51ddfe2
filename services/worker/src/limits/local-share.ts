/**
 * What this process may use of one limit that many share: spends it evenly, and knows how much more it could use. Pure:
 * time is an argument, in milliseconds of the monotonic clock.
 */

/** Being late by so much is made up for: it is 1 % of a second, where a packet weighs no more than that. */
const LATE = 10
/** Spaced a little wider than asked, so that a packet that leaves early or late stays within its second. */
const MARGIN = 1.01
/** The most that is given out at once, in milliseconds of the share: what is held and not sent counts against nobody. */
const AT_ONCE = 5
/** More than there is: who had to wait would take anything. */
const EVERYTHING = 1_000_000_000

export class LocalShare {
  /** Packets per second; null: no limit. */
  #rate: number | null = 0
  #validUntil = Number.NEGATIVE_INFINITY
  /** When the next packet is due. */
  #next = 0
  #used = 0
  #waited = false
  #since = 0

  /** How long it has not been used. */
  usedAt = 0

  get isLimited(): boolean {
    return this.#rate !== null
  }

  get isStarved(): boolean {
    return this.#waited && this.#rate === 0
  }

  /** The part that is ours until `validUntil`. */
  set(rate: number | null, now: number, validUntil: number): void {
    const isNew = this.#rate === 0
    this.#rate = rate
    this.#validUntil = validUntil
    // Whoever had this share until now has just sent on it: the first packet of it is due as late as any other.
    if (isNew) this.#next = Math.max(this.#next, now + this.#slack + this.#interval)
    // A wait that began at a lower rate ends as it would at this one; but the next packet may be due so much later
    // because the last went that much early, and each renewal would give that away once more.
    this.#next = Math.min(this.#next, now + this.#slack + this.#interval)
  }

  get #interval(): number {
    return this.#rate === null ? 0 : this.#rate > 0 ? (1000 / this.#rate) * MARGIN : Number.POSITIVE_INFINITY
  }

  get #slack(): number {
    return this.#interval <= LATE ? LATE : 0
  }

  /** When a packet may go: a time that is over, or one to come; Infinity when only another share helps. */
  dueAt(now: number): number {
    if (this.#rate === null) return now
    if (this.#rate === 0 || now > this.#validUntil) return Number.POSITIVE_INFINITY
    return this.#next - this.#slack
  }

  /** How many may go now, if one may. */
  room(now: number): number {
    if (this.#rate === null) return Number.POSITIVE_INFINITY
    const late = Math.min(this.#slack, now - this.#next + this.#slack)
    return 1 + Math.floor(Math.min(AT_ONCE, late) / this.#interval)
  }

  spend(count: number, now: number): void {
    this.usedAt = now
    this.#used += count
    if (this.#rate !== null) this.#next = Math.max(this.#next, now - this.#slack) + count * this.#interval
  }

  /** Somebody waits because of this limit. */
  noteWait(): void {
    this.#waited = true
  }

  /** The rate it could use, by what happened since it was last asked. */
  takeDemand(now: number): number {
    const seconds = Math.max(0.02, (now - this.#since) / 1000)
    const demand = this.#waited ? EVERYTHING : Math.ceil((this.#used / seconds) * 1.25)
    this.#used = 0
    this.#waited = false
    this.#since = now
    return Math.min(EVERYTHING, demand)
  }
}
