/**
 * Which probe goes when, and when silence is believed: the bookkeeping of the connect and UDP engines. Knows no socket
 * and reads no clock. Every probe between the frontier and the furthest position lives in one slot:
 *
 *   idle -> ready -> in flight -> answered | (timeout) -> ready again, after a pause where one is due | believed silent
 */

import { emptyTarget } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import type { PortState } from './engine.ts'
import { Ledger } from './ledger.ts'
import { expectedLoss, lossEstimate, missChance, recallEstimate } from './pace/loss.ts'
import { triesWanted } from './pace/retry.ts'
import { SendRate } from './send-rate.ts'
import type { Decision, Patience } from './silence.ts'
import { HOST_CELLS, Timeouts, type WaitRules } from './timeouts.ts'
import { TimerWheel } from './timer-wheel.ts'
import type { WalkTask } from './walk-task.ts'

const [IDLE, READY, PARKED, IN_FLIGHT, RESTING] = [0, 1, 2, 3, 4]

/** Probes that may wait for their host's turn while others go first. */
const MAX_PARKED = 16_384

export interface ScheduleOptions {
  readonly task: WalkTask
  readonly now: number
  /** Most positions between the frontier and the furthest one asked; a power of two. */
  readonly window: number
  /** What silence means in the end. */
  readonly silence: 'filtered' | 'open|filtered'
  /** Instead of the usual retry rule. */
  readonly patience?: Patience
  readonly waits?: WaitRules
}

export class Schedule {
  readonly rate: SendRate
  readonly ledger: Ledger
  /** The probe `next` handed out last. */
  readonly target: ProbeTarget = emptyTarget()
  sent = 0
  received = 0
  readonly #space: WalkTask['space']
  readonly #options: ScheduleOptions
  readonly #timeouts: Timeouts
  readonly #wheel: TimerWheel
  readonly #slots: number
  readonly #states: Uint8Array
  readonly #tries: Uint8Array
  readonly #positions: Float64Array
  readonly #sentAt: Float64Array
  readonly #hosts: Int32Array
  readonly #epochs: Int32Array
  readonly #earlierEpochs: Int32Array
  #ready: number[] = []
  #readyHead = 0
  #parked = 0
  #wanted: number
  #missed = 0
  #adjustAt = Number.NEGATIVE_INFINITY
  /** Whatever was under way between these times is not evidence: the link was down. */
  #troubleFrom = Number.POSITIVE_INFINITY
  #troubleTo = Number.NEGATIVE_INFINITY

  constructor(options: ScheduleOptions) {
    const { task, now, window } = options
    this.#options = options
    this.#space = task.space
    this.ledger = new Ledger(task.from, task.to, window)
    this.rate = new SendRate(task, now, HOST_CELLS)
    this.#timeouts = new Timeouts(task, options.waits ?? {})
    const slots = Math.max(1, Math.min(window, 2 ** Math.ceil(Math.log2(Math.max(2, task.to - task.from)))))
    this.#slots = slots
    this.#wheel = new TimerWheel(slots, now)
    this.#states = new Uint8Array(slots)
    this.#tries = new Uint8Array(slots)
    this.#positions = new Float64Array(slots)
    this.#sentAt = new Float64Array(slots)
    this.#hosts = new Int32Array(slots)
    this.#epochs = new Int32Array(slots)
    this.#earlierEpochs = new Int32Array(slots)
    this.#wanted = this.#triesWanted()
  }

  /** The slot of a position between the frontier and the furthest one, or -1: not asked, or answered already. */
  slotOf(position: number): number {
    if (!this.ledger.isWaiting(position)) return -1
    const slot = (position - this.#options.task.from) % this.#slots
    return (this.#tries[slot] ?? 0) > 0 ? slot : -1
  }

  /** The cell that stands for the host of `slot`. */
  hostOf(slot: number): number {
    return this.#hosts[slot] ?? 0
  }

  positionOf(slot: number): number {
    return this.#positions[slot] ?? -1
  }

  sentAt(slot: number): number {
    return this.#sentAt[slot] ?? 0
  }

  triesOf(slot: number): number {
    return this.#tries[slot] ?? 0
  }

  /** Fills `target` with the next probe due and returns its slot, or -1 when nothing is due. Retries go first. */
  next(now: number): number {
    while (this.#readyHead < this.#ready.length) {
      const slot = this.#ready[this.#readyHead++] ?? -1
      if (this.#states[slot] !== READY) continue
      const due = this.rate.hostDue(this.hostOf(slot))
      if (due > now) {
        this.#park(slot, due)
        continue
      }
      this.#space.at(this.positionOf(slot), this.target)
      return slot
    }
    this.#ready.length = 0
    this.#readyHead = 0
    while (this.ledger.room > 0 && this.#parked < MAX_PARKED) {
      const position = this.ledger.take()
      const slot = (position - this.#options.task.from) % this.#slots
      this.#space.at(position, this.target)
      this.#states[slot] = READY
      this.#positions[slot] = position
      this.#tries[slot] = 0
      this.#hosts[slot] = this.target.host % HOST_CELLS
      const turn = this.rate.hostTurn(this.#hosts[slot] ?? 0, now)
      if (turn <= now) return slot
      this.#park(slot, turn)
    }
    return -1
  }

  /** Could `next` hand something out? */
  get hasDue(): boolean {
    return this.#readyHead < this.#ready.length || (this.ledger.room > 0 && this.#parked < MAX_PARKED)
  }

  /** The probe in `slot` has left. */
  noteSent(slot: number, now: number): void {
    const tries = (this.#tries[slot] ?? 0) + 1
    this.sent++
    this.#tries[slot] = tries
    this.#sentAt[slot] = now
    this.#earlierEpochs[slot] = tries > 1 ? (this.#epochs[slot] ?? -1) : -1
    this.#epochs[slot] = this.rate.noteSent(this.hostOf(slot), now, tries === 1)
    this.#states[slot] = IN_FLIGHT
    this.#wheel.set(slot, now + this.#wait(slot, tries))
  }

  #wait(slot: number, tries: number): number {
    return this.#timeouts.wait(this.#hosts[slot] ?? 0, tries, tries >= this.#wanted)
  }

  /** The probe in `slot` could not leave: try again in `pause` ms. Not an attempt. */
  postpone(slot: number, now: number, pause: number): void {
    if (this.#states[slot] === IN_FLIGHT) this.#tries[slot] = (this.#tries[slot] ?? 1) - 1
    this.#park(slot, now + pause)
  }

  #park(slot: number, due: number): void {
    this.#states[slot] = PARKED
    this.#parked++
    this.#wheel.set(slot, due)
  }

  /**
   * The latest try of `slot` was answered. `rtt` in ms, or null when it is not known which try it belongs to.
   * False when the position is final already.
   */
  answer(slot: number, state: PortState, rtt: number | null): boolean {
    if (!this.ledger.resolve(this.positionOf(slot), state)) return false
    this.received++
    const tries = this.#tries[slot] ?? 1
    // An answer slower than the wait before this try was on its way to the earlier one as well: late, not lost. And
    // hosts ration their "port unreachable": one that comes late tells of thrift, not of loss.
    const late = tries > 1 && rtt !== null && rtt >= this.#wait(slot, tries - 1)
    const rationed = state === 'closed' && this.#options.silence === 'open|filtered'
    const lost = late || rationed ? 0 : tries - 1
    this.rate.noteAnswer({
      epoch: this.#epochs[slot] ?? -1,
      earlier: this.#earlierEpochs[slot] ?? -1,
      prompt: tries === 1,
      lost,
      rtt,
      rationed,
    })
    if (rtt !== null) this.#timeouts.observe(this.#hosts[slot] ?? 0, rtt)
    this.#release(slot)
    return true
  }

  /** The probe in `slot` is final without having been sent. */
  settle(slot: number, state: PortState): void {
    if (this.ledger.resolve(this.positionOf(slot), state)) this.#release(slot)
  }

  #release(slot: number): void {
    this.#wheel.cancel(slot)
    if (this.#states[slot] === PARKED) this.#parked--
    this.#states[slot] = IDLE
  }

  /** Ends waits that are over. `abandon` hears of every try given up, with `true` where its silence is believed. */
  expire(now: number, abandon: (slot: number, final: boolean) => void): void {
    if (this.#timeouts.justSettled) this.#revise()
    this.#wheel.advance(now, (slot) => {
      const state = this.#states[slot]
      if (state === PARKED) {
        this.#parked--
        this.#enqueue(slot)
        return
      }
      const decision = this.#decide(slot, now, state === RESTING)
      if (decision === 'believe') {
        this.ledger.resolve(this.positionOf(slot), this.#options.silence)
        this.#missed += missChance(this.#answering, expectedLoss(this.rate.tally), this.#tries[slot] ?? 1)
        this.#release(slot)
      } else if (decision === 'ask') {
        const turn = this.rate.hostTurn(this.#hosts[slot] ?? 0, now)
        if (turn > now) this.#park(slot, turn)
        else this.#enqueue(slot)
      } else {
        this.#states[slot] = RESTING
        this.#wheel.set(slot, now + decision.rest)
      }
      if (state === IN_FLIGHT || decision === 'believe') abandon(slot, decision === 'believe')
    })
  }

  #enqueue(slot: number): void {
    this.#states[slot] = READY
    this.#ready.push(slot)
  }

  #decide(slot: number, now: number, rested: boolean): Decision {
    const tries = this.#tries[slot] ?? 1
    if (!rested && this.sentAt(slot) <= this.#troubleTo && now >= this.#troubleFrom) {
      this.#tries[slot] = tries - 1
      return 'ask'
    }
    const { patience } = this.#options
    if (patience) return patience({ position: this.positionOf(slot), host: this.#hosts[slot] ?? 0, tries, rested }, now)
    return tries < this.#wanted ? 'ask' : 'believe'
  }

  #triesWanted(): number {
    const { retries, to, from } = this.#options.task
    if (retries !== undefined) return Math.min(255, retries + 1)
    return triesWanted({ answering: this.#answering * (to - from), loss: expectedLoss(this.rate.tally) })
  }

  /** Share of ports that answer at all, as far as is known. */
  get #answering(): number {
    const asked = this.ledger.next - this.#options.task.from - this.ledger.waiting
    return asked > 0 ? Math.min(1, this.received / asked) : 1
  }

  get lossEstimate(): number {
    return lossEstimate(this.rate.tally)
  }

  get recallEstimate(): number {
    return recallEstimate(this.received, this.#missed)
  }

  /** Milliseconds until something is to be done: a wait ends, or, if one `maySend`, a probe may go. */
  pause(now: number, maySend: boolean): number {
    const send = maySend && this.hasDue ? this.rate.pause(now) : Number.POSITIVE_INFINITY
    return Math.min(send, this.#wheel.pause(now))
  }

  /** Lets the rate follow the evidence. */
  adjust(now: number): void {
    if (now < this.#adjustAt) return
    this.#adjustAt = now + 2
    this.#wanted = this.#triesWanted()
    this.rate.adjust(now, this.#timeouts.settling)
  }

  /** The first waits began before anything was measured: now they end when they should. */
  #revise(): void {
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#states[slot] !== IN_FLIGHT) continue
      this.#wheel.set(slot, this.sentAt(slot) + this.#wait(slot, this.triesOf(slot)))
    }
  }

  /** The link was down from `from` to `to`: tries under way then are repeated, and do not count. */
  noteTrouble(from: number, to: number): void {
    this.#troubleFrom = Math.min(from, this.#troubleFrom)
    this.#troubleTo = Math.max(to, this.#troubleTo)
  }
}
