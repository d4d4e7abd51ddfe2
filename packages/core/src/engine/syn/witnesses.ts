/**
 * Is the path alive? Silence of a port means something only when somebody else could be heard after the port was asked:
 * a pulled cable makes every port look filtered. Endpoints that answered before are the witnesses; one of them is asked
 * again when nothing else has answered lately. Pure bookkeeping of times, in milliseconds.
 */
import type { ProbeTarget } from '#core/target/probe-space.ts'

const WITNESSES = 8

export interface Witness {
  readonly family: 4 | 6
  readonly v4: number
  readonly v6: Uint8Array
  readonly port: number
  readonly host: number
}

export class Witnesses {
  readonly #known: Witness[] = []
  #turn = 0
  #added = 0
  /** When control 0 and control 1 were sent last. */
  readonly #askedAt = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  /** Since when witnesses have been asked without an answer; Infinity when none is overdue. */
  #askingSince = Number.POSITIVE_INFINITY
  /** The latest time at which a packet was sent that was answered: up to then, the path is known to have worked. */
  aliveAt = Number.NEGATIVE_INFINITY

  /** Has anything ever answered? */
  get exist(): boolean {
    return this.#known.length > 0
  }

  /** A packet sent at `sentAt` was answered. */
  noteAlive(sentAt: number): void {
    if (sentAt > this.aliveAt) this.aliveAt = sentAt
    this.#askingSince = Number.POSITIVE_INFINITY
  }

  /** A witness answered the control with this number (0 or 1). */
  noteTestimony(number: number): void {
    this.noteAlive(this.#askedAt[number] ?? Number.NEGATIVE_INFINITY)
  }

  /** An endpoint that answers. Kept now and then, so that witnesses are spread over hosts and time. */
  offer(target: Readonly<ProbeTarget>, host: number): void {
    const due = this.#known.length < WITNESSES || this.#added % 512 === 0
    this.#added++
    if (!due) return
    const witness = { ...target, v6: target.v6.slice(), host }
    if (this.#known.length < WITNESSES) this.#known.push(witness)
    else this.#known[Math.floor(this.#added / 512) % WITNESSES] = witness
  }

  /** Is a witness to be asked now? At most one each `interval`. */
  isDue(now: number, interval: number): boolean {
    return this.exist && now - Math.max(...this.#askedAt) >= interval
  }

  /** The witness to ask, and the number of the control to ask with; only when one `isDue`. */
  next(now: number): { readonly witness: Witness; readonly number: number } {
    const number = this.#turn++ % 2
    this.#askedAt[number] = now
    if (this.#askingSince === Number.POSITIVE_INFINITY) this.#askingSince = now
    return { witness: this.#known[this.#turn % this.#known.length]!, number }
  }

  /** For how long witnesses have been silent. */
  silence(now: number): number {
    return now > this.#askingSince ? now - this.#askingSince : 0
  }
}
