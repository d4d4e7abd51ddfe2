/** How an endpoint has taken our questions so far, and what that allows the next ones. */
import type { Conversation } from './conversation.ts'
import { AT_ONCE, LIKELY_QUESTIONS, type Limits, RECOVERIES, STAGGER, WRAPPED_AFTER, waitAfter } from './plan.ts'

export class Reactions {
  /** Questions put, answered or not. */
  asked = 0
  /** A connection was refused while others of ours stood: from then on there is one at a time. */
  crowded = false
  #closedAtOnce = 0
  #turnedAway = 0
  /** Connections refused in a row. */
  #refusals = 0

  note({ mute, took }: Pick<Conversation, 'mute' | 'took'>): void {
    this.asked++
    if (mute) this.#turnedAway++
    if (mute && took < AT_ONCE) this.#closedAtOnce++
  }

  /**
   * `alone`: no other connection of ours stood. Who has come to speak TLS with us has a place, which is taken for as long
   * as we or others stay: one at a time for good would be all the time there is.
   */
  noteRefusal(alone: boolean, insideTls: boolean): void {
    this.crowded ||= !insideTls
    this.#refusals = alone ? this.#refusals + 1 : Math.max(1, this.#refusals)
  }

  noteAdmission(): void {
    this.#refusals = 0
  }

  /** Refused again and again with nobody else there: what listened, listens no more. */
  get gone(): boolean {
    return this.#refusals > RECOVERIES.length
  }

  /** Milliseconds to leave the other side alone before the next connection that is to be the only one. */
  get recovery(): number {
    return this.#refusals === 0 ? STAGGER : (RECOVERIES[this.#refusals - 1] ?? 0)
  }

  /** Every one of them was met by a closed door. */
  get allClosedAtOnce(): boolean {
    return this.#closedAtOnce === this.asked
  }

  /** The same of enough of them to go by. */
  get hungUp(): boolean {
    return this.asked >= WRAPPED_AFTER && this.allClosedAtOnce
  }

  /** Milliseconds for the next answer, on a connection without distance. */
  wait(limits: Limits): number {
    return waitAfter(this.asked, limits)
  }

  /** Connections at a time: more to one that took the likely questions in silence, and turned nobody away. */
  connections({ inFlight, inFlightLater }: Limits): number {
    if (this.crowded) return 1
    return this.asked >= LIKELY_QUESTIONS && this.#turnedAway === 0 ? inFlightLater : inFlight
  }
}
