/** From a packet that came in to a verdict: validated by its cookie, matched to its probe, counted once. */
import type { ProbeSpace, ProbeTarget } from '#core/target/probe-space.ts'
import { emptyAnswer, readAnswer, type TcpAnswer } from '#core/wire/tcp-answer.ts'
import type { Cookie } from '../cookie.ts'
import { icmpReason } from '../icmp-verdict.ts'
import type { Hosts } from './hosts.ts'
import type { RecordWriter } from './records.ts'
import type { Turns } from './turns.ts'
import { CLOSED, codeOf, OPEN, SILENT } from './verdict.ts'
import { IN_FLIGHT, NONE, NUMBERS, type Window } from './window.ts'
import type { Witnesses } from './witnesses.ts'

export interface AnswerParts {
  readonly cookie: Cookie
  readonly space: ProbeSpace
  readonly window: Window
  readonly hosts: Hosts
  readonly turns: Turns
  readonly witnesses: Witnesses
  readonly records: RecordWriter
  readonly recordAll: boolean
}

export class Answers {
  received = 0
  invalid = 0
  readonly #parts: AnswerParts
  readonly #answer: TcpAnswer = emptyAnswer()
  /** The probed endpoint of the answer at hand. */
  readonly #who: ProbeTarget

  constructor(parts: AnswerParts) {
    this.#parts = parts
    this.#who = { family: 4, v4: 0, v6: this.#answer.v6, port: 0, host: 0 }
  }

  /** Takes a packet; false when it is no answer to a SYN at all. */
  take(bytes: Uint8Array, at: number, length: number, now: number): boolean {
    const answer = this.#answer
    if (!readAnswer(bytes, at, length, answer)) return false
    const { cookie, window, space, witnesses } = this.#parts
    cookie.aim(answer)
    const number = cookie.tryOf(answer.ownPort, answer.sequence)
    const code = this.#code()
    if (number < 0 || code === NONE) {
      this.invalid++
      return true
    }
    if (number >= NUMBERS) {
      if (witnesses.noteTestimony(number - NUMBERS)) this.received++
      return true
    }
    const who = this.#who
    who.family = answer.family
    who.v4 = answer.v4
    who.port = answer.port
    const slot = window.slotOf(space.positionOf(who))
    // A bridge of this machine shows each packet twice, and a network may double it: that is no news. A router's word is
    // none about the packet that comes from the port itself.
    const own = code === OPEN || code === CLOSED
    if (slot !== NONE && window.sends[slot]! > 0 && (!own || window.hear(slot, number))) {
      this.received++
      this.#match(slot, number, code, now)
    }
    return true
  }

  #code(): number {
    const { kind, family, icmpType, icmpCode } = this.#answer
    if (kind !== 'unreachable') return kind === 'syn-ack' ? OPEN : CLOSED
    const reason = icmpReason(family, icmpType, icmpCode)
    return reason === null ? NONE : codeOf(reason)
  }

  /** How many packets before the last one is packet `number` of this slot? */
  #age(slot: number, number: number): number {
    return (this.#parts.window.sends[slot]! - 1 - number + 16 * NUMBERS) % NUMBERS
  }

  #match(slot: number, number: number, code: number, now: number): void {
    const { window, hosts, witnesses } = this.#parts
    const age = this.#age(slot, number)
    const sentAt = age === 0 ? window.sentAt[slot]! : age === 1 ? window.earlierAt[slot]! : -1
    if (sentAt >= 0) witnesses.noteAlive(sentAt)
    const before = window.verdict(slot)
    if (before === OPEN || before === CLOSED) {
      this.#correct(slot, age, now)
      return
    }
    // What an ICMP error or silence said is overruled by the port itself, as long as nobody has been told.
    if (before !== NONE && code !== OPEN && code !== CLOSED) return
    if (before === NONE && window.sends[slot] === 1 && window.status[slot] === IN_FLIGHT)
      hosts.noteJudged(window.host[slot]!)
    window.settle(slot, code)
    const rtt = sentAt >= 0 ? now - sentAt : null
    if (code === OPEN || code === CLOSED) this.#learn(slot, age, rtt, now)
    this.#record(slot, code, rtt)
  }

  /** Late, not lost: a packet before the one that was answered first has been answered too. */
  #correct(slot: number, age: number, now: number): void {
    const { window, hosts, turns } = this.#parts
    if (age === 0 || window.tries[slot]! < 2) return
    window.tries[slot] = window.tries[slot]! - 1
    const host = window.host[slot]!
    hosts.noteLost(host, -1, -1)
    turns.noteLost({ host, epoch: window.earlierEpoch[slot]!, hostEpoch: window.earlierHostEpoch[slot]! }, now, -1)
  }

  #learn(slot: number, age: number, rtt: number | null, now: number): void {
    const { window, hosts, turns, witnesses } = this.#parts
    const host = window.host[slot]!
    hosts.noteAnswered(host, rtt)
    if (hosts.answered[host] === 1 || window.sends[slot] === 1) witnesses.offer(this.#who, host)
    const last = age === 0
    if (rtt !== null) {
      const epoch = last ? window.epoch[slot]! : window.earlierEpoch[slot]!
      const hostEpoch = last ? window.hostEpoch[slot]! : window.earlierHostEpoch[slot]!
      turns.noteAnswer({ host, epoch, hostEpoch, rtt, prompt: window.sends[slot] === 1 })
    }
    const lost = Math.max(0, window.tries[slot]! - 1 - age)
    const packets = window.sends[slot]! - 1 - age
    if (packets > 0) hosts.noteLost(host, packets, lost)
    if (lost > 0)
      turns.noteLost({ host, epoch: window.earlierEpoch[slot]!, hostEpoch: window.earlierHostEpoch[slot]! }, now, lost)
  }

  #record(slot: number, code: number, rtt: number | null): void {
    const { window, records, recordAll } = this.#parts
    if (code !== OPEN && (!recordAll || code === SILENT)) return
    const answer = this.#answer
    records.add(window.positionOf(slot), code, this.#who, rtt)
    const { family, fromV4, fromV6, v4, v6, kind } = answer
    if (kind !== 'unreachable') return
    const same = family === 4 ? fromV4 === v4 : fromV6.every((byte, i) => byte === v6[i])
    if (!same) records.addSender({ family, v4: fromV4, v6: fromV6 })
  }
}
