/**
 * Is the path alive? Silence of a port means something only when the path is known to have worked when the port was
 * asked: a pulled cable makes every port look filtered. Endpoints that answered before are the witnesses. While nothing
 * else answers, one of them is asked again now and then: so in a working path no two signs of life are far apart, and
 * whatever was asked in a gap between two has to be asked again. Pure bookkeeping of times, in milliseconds.
 */
import type { ProbeTarget } from '#core/target/probe-space.ts'

const WITNESSES = 8
/** Intervals without a sign of life that make a gap: a witness or two may be lost, so many in a row are not. */
const GAP = 4

export class Witnesses {
  readonly #known: ProbeTarget[] = []
  #turn = 0
  #added = 0
  /** When control 0 and control 1 were sent last. */
  readonly #askedAt = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  /** Since when witnesses have been asked without an answer; Infinity when none is overdue. */
  #askingSince = Number.POSITIVE_INFINITY
  #interval = 100
  #gapSince = Number.POSITIVE_INFINITY
  /** The latest time at which a packet was sent that was answered: then, the path is known to have worked. */
  aliveAt = Number.NEGATIVE_INFINITY

  /** Has anything ever answered? */
  get exist(): boolean {
    return this.#known.length > 0
  }

  /** A packet sent at `sentAt` was answered. */
  noteAlive(sentAt: number): void {
    this.#askingSince = Number.POSITIVE_INFINITY
    if (sentAt <= this.aliveAt) return
    if (this.exist && sentAt - this.aliveAt > GAP * this.#interval)
      this.#gapSince = Math.min(this.#gapSince, this.aliveAt)
    this.aliveAt = sentAt
  }

  /** A witness answered the control with this number (0 or 1). False when that tells nothing new. */
  noteTestimony(number: number): boolean {
    const sentAt = this.#askedAt[number] ?? Number.NEGATIVE_INFINITY
    const isNews = sentAt > this.aliveAt
    this.noteAlive(sentAt)
    return isNews
  }

  /** Since when the path was not known to work, when it is known now that it had stopped; else Infinity. Told once. */
  takeGap(): number {
    const since = this.#gapSince
    this.#gapSince = Number.POSITIVE_INFINITY
    return since
  }

  /** An endpoint that answers; `host` is its cell. Kept now and then, so that witnesses are spread over hosts and time. */
  offer(target: Readonly<ProbeTarget>, host: number): void {
    const due = this.#known.length < WITNESSES || this.#added % 512 === 0
    this.#added++
    if (!due) return
    const witness = { ...target, v6: target.v6.slice(), host }
    if (this.#known.length < WITNESSES) this.#known.push(witness)
    else this.#known[Math.floor(this.#added / 512) % WITNESSES] = witness
  }

  /**
   * The witness to be asked now, if any: when there has been no sign of life, and no question, for `regular` ms. `hurry`
   * shortens that for the moment; only the regular pace tells how long a gap is.
   */
  due(now: number, regular: number, hurry = regular): Readonly<ProbeTarget> | null {
    this.#interval = regular
    if (now - Math.max(this.aliveAt, ...this.#askedAt) < hurry) return null
    return this.#known[this.#turn % this.#known.length] ?? null
  }

  /** The witness that was due is asked, or passed over; returns the number of the control to ask with. */
  ask(now: number): number {
    const number = this.#turn++ % 2
    this.#askedAt[number] = now
    if (this.#askingSince === Number.POSITIVE_INFINITY) this.#askingSince = now
    return number
  }

  passOver(): void {
    this.#turn++
  }

  /** For how long witnesses have been silent. */
  silence(now: number): number {
    return now > this.#askingSince ? now - this.#askingSince : 0
  }
}
