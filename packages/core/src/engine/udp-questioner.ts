/** What to ask each port, and which question a reply answers. */
import type { UdpQuestion } from '#core/probe/udp-question.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { Tokens } from './tokens.ts'

/** What a port of no known service is asked: nothing, in a datagram of its own. */
const EMPTY = new Uint8Array(0)

export type QuestionsByPort = ReadonlyMap<number, readonly UdpQuestion[]>

export class UdpQuestioner {
  readonly #questions: QuestionsByPort
  readonly #tokens = new Tokens()

  constructor(questions: QuestionsByPort) {
    this.#questions = questions
  }

  /** The datagram for the next try: a port with several questions hears them in turn. */
  datagram(target: Readonly<ProbeTarget>, tries: number): Uint8Array {
    const questions = this.#questions.get(target.port)
    const question = questions?.[tries % questions.length]
    return question ? question.datagram(this.#tokens.of(target)) : EMPTY
  }

  /**
   * Some servers answer from a port of their own (TFTP, RFC 1350 section 4): then the reply itself must show which
   * question it belongs to. Sets `from.port` to one port after the other whose question it answers, until `suits` agrees.
   */
  findAsked(reply: Uint8Array, from: ProbeTarget, suits: (asked: ProbeTarget) => boolean): boolean {
    for (const [port, questions] of this.#questions) {
      from.port = port
      const token = this.#tokens.of(from)
      if (questions.some((question) => question.answers?.(reply, token)) && suits(from)) return true
    }
    return false
  }
}
