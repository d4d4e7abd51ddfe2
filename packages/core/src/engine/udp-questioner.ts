/** What to ask each port, and which question a reply answers. */
import type { UdpQuestion } from '#core/probe/udp-question.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { Tokens } from './tokens.ts'

/** What a port of no known service is asked first: nothing, in a datagram of its own. */
const EMPTY = new Uint8Array(0)
/** Printers print what they are sent (raw printing ports): those hear nothing but the empty datagram. */
const [FIRST_PRINTER, LAST_PRINTER] = [9100, 9107]

export type QuestionsByPort = ReadonlyMap<number, readonly UdpQuestion[]>

export class UdpQuestioner {
  readonly #questions: QuestionsByPort
  readonly #common: readonly UdpQuestion[]
  readonly #tokens = new Tokens()

  /** `common`: asked of ports of no known service from the second try on, in turn: services move. */
  constructor(questions: QuestionsByPort, common: readonly UdpQuestion[]) {
    this.#questions = questions
    this.#common = common
  }

  /** The datagram for the next try: a port with several questions hears them in turn. */
  datagram(target: Readonly<ProbeTarget>, tries: number): Uint8Array {
    const questions = this.#questions.get(target.port)
    const question = questions ? questions[tries % questions.length] : this.#guess(target.port, tries)
    return question ? question.datagram(this.#tokens.of(target)) : EMPTY
  }

  #guess(port: number, tries: number): UdpQuestion | undefined {
    if (tries === 0 || (port >= FIRST_PRINTER && port <= LAST_PRINTER)) return undefined
    return this.#common[(tries - 1) % this.#common.length]
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
