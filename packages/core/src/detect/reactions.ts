/** How an endpoint has taken our questions so far, and what that allows the next ones. */
import type { Conversation } from './conversation.ts'
import { AT_ONCE, LIKELY_QUESTIONS, type Limits, waitAfter } from './plan.ts'

export class Reactions {
  /** Questions put, answered or not. */
  asked = 0
  #closedAtOnce = 0
  #turnedAway = 0

  note({ mute, took }: Pick<Conversation, 'mute' | 'took'>): void {
    this.asked++
    if (mute) this.#turnedAway++
    if (mute && took < AT_ONCE) this.#closedAtOnce++
  }

  /** Every one of them was met by a closed door. */
  get allClosedAtOnce(): boolean {
    return this.#closedAtOnce === this.asked
  }

  /** Milliseconds for the next answer, on a connection without distance. */
  wait(limits: Limits): number {
    return waitAfter(this.asked, limits)
  }

  /** Connections at a time: more to one that took the likely questions in silence, and turned nobody away. */
  connections({ inFlight, inFlightLater }: Limits): number {
    return this.asked >= LIKELY_QUESTIONS && this.#turnedAway === 0 ? inFlightLater : inFlight
  }
}
