/**
 * Which question an endpoint is asked next: those of its port first, TLS, those that can tell more about a guess, then
 * by likelihood. What became known meanwhile decides at every step.
 */
import type { Endpoint } from './endpoint.ts'
import { inOrder, isTlsPort, QUESTIONS_AFTER_GREETING } from './plan.ts'
import type { Protocol } from './protocol.ts'

export type Question = Protocol | 'tls'

/** What is known when the next question is due. */
export interface Standing {
  /** Somebody spoke first, in words nobody knows. */
  readonly greeted: boolean
  readonly saysTls: boolean
  /** Name of the service that is guessed at, null when there is no guess. */
  readonly suspected: string | null
  /** Every question so far ended the connection at once. */
  readonly hungUp: boolean
  asked(protocol: Protocol): boolean
}

export class QuestionOrder {
  readonly #first: Protocol[]
  readonly #rest: Protocol[]
  /** The user's own: few, and brought to be asked, so that no limit of ours counts them. */
  readonly #brought: Protocol[]
  readonly #most: number
  readonly #back: Question[] = []
  readonly #cameBack = new Set<Question>()
  #taken = 0
  #tls: 'now' | 'soon' | 'asked'

  constructor({ target, limits }: Endpoint, protocols: readonly Protocol[], hinted: readonly Protocol[], tls: boolean) {
    const ordered = inOrder(protocols, target.port).filter((p) => p.opens === 'client' && p.identify)
    const rest = ordered.filter((p) => !hinted.includes(p))
    this.#first = ordered.filter((p) => hinted.includes(p))
    this.#rest = rest.filter((p) => !p.brought)
    this.#brought = rest.filter((p) => p.brought)
    this.#most = limits.questions
    this.#tls = !tls ? 'asked' : isTlsPort(target.port, protocols) ? 'now' : 'soon'
  }

  /** Null when there is nothing left to ask. */
  next(standing: Standing): Question | null {
    const again = this.#back.shift()
    if (again !== undefined) return again
    const tlsIsDue = this.#tls === 'now' || (this.#tls === 'soon' && (standing.saysTls || this.#taken > 0))
    const protocol = tlsIsDue ? null : this.#nextProtocol(standing)
    if (protocol !== null || this.#tls === 'asked') return protocol
    this.#tls = 'asked'
    return 'tls'
  }

  /** A question that the server had no room for is the next again. */
  putBack(question: Question): void {
    this.#cameBack.add(question)
    this.#back.push(question)
  }

  cameBack(question: Question): boolean {
    return this.#cameBack.has(question)
  }

  #nextProtocol(standing: Standing): Protocol | null {
    const { greeted, suspected, hungUp } = standing
    const shy = hungUp ? this.#rest.findIndex((p) => p.hangsUp) : -1
    const telling = suspected === null ? -1 : this.#brought.findIndex((p) => p.tells?.has(suspected))
    const most = greeted ? QUESTIONS_AFTER_GREETING : this.#most
    for (;;) {
      const hinted = this.#first.shift()
      if (hinted !== undefined) return hinted
      if (shy >= 0) return this.#rest.splice(shy, 1)[0] ?? null
      if (telling >= 0) return this.#brought.splice(telling, 1)[0] ?? null
      const likely = this.#taken < most ? this.#rest.shift() : undefined
      if (likely === undefined) return this.#brought.shift() ?? null
      this.#taken++
      if (!standing.asked(likely)) return likely
    }
  }
}
