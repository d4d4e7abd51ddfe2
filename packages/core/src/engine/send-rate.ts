/** How fast one scan may send: its own rate or the one the path is found to carry, and each host's turn. */

import { hostInterval } from './host-share.ts'
import { adjust, type Congestion, createCongestion, noteAnswer, noteLost, noteSent } from './pace/congestion.ts'
import { createTally, type LossTally } from './pace/loss.ts'
import { createPacer, type Pacer, pause, permits, sent, setRate } from './pace/pacer.ts'
import type { WalkTask } from './walk-task.ts'

export interface AnswerFacts {
  /** Congestion epochs of the answered try, and of the one before it (-1: there was none). */
  readonly epoch: number
  readonly earlier: number
  /** It answers the first try. */
  readonly prompt: boolean
  /** Earlier tries now known to be lost. */
  readonly lost: number
  readonly rtt: number | null
  /** Of a kind that hosts give out sparingly: whether it comes says nothing about loss. */
  readonly rationed: boolean
}

const UNLIMITED = 1e9
/** Milliseconds a turn of a host may be late and be made up for. */
const LATE = 20

const numeric = (rate: number | 'max' | undefined): number => (rate === undefined || rate === 'max' ? UNLIMITED : rate)

export class SendRate {
  readonly tally: LossTally = createTally()
  readonly #pacer: Pacer
  readonly #congestion: Congestion | null
  readonly #ceiling: number
  /** Milliseconds between two probes to one host; 0 without a limit. */
  #hostInterval: number
  readonly #hostShare: Int32Array | undefined
  readonly #hostTurns: Float64Array
  /** When each host was sent to last, as far as its limit knows. */
  readonly #hostSent: Float64Array
  /** Below 1 while this machine is short of something. */
  #thrift = 1

  constructor(task: WalkTask, now: number, hostCells: number) {
    const { space, rate, perHostRate, hostShare } = task
    const perHost = numeric(perHostRate)
    const ceiling = Math.min(numeric(rate), perHost * space.hosts)
    this.#ceiling = ceiling
    this.#congestion = rate === undefined || rate === 'max' ? createCongestion({ now, ceiling }) : null
    this.#pacer = createPacer(this.#congestion?.rate ?? ceiling, now)
    this.#hostShare = hostShare
    this.#hostInterval = perHost < UNLIMITED ? hostInterval(hostShare, 1000 / perHost) : 0
    const limited = this.#hostInterval > 0 ? Math.min(hostCells, space.hosts) : 0
    this.#hostTurns = new Float64Array(limited)
    this.#hostSent = new Float64Array(limited).fill(Number.NEGATIVE_INFINITY)
  }

  /** How many probes may go now. */
  permits(now: number): number {
    return permits(this.#pacer, now)
  }

  /** Probes a second, as of now. */
  get current(): number {
    return this.#pacer.mean.rate
  }

  /** Milliseconds until the next probe may go. */
  pause(now: number): number {
    return permits(this.#pacer, now) > 0 ? 0 : Math.max(0.1, pause(this.#pacer))
  }

  /** Books the next free turn of a host (its cell) and returns when it is. */
  hostTurn(cell: number, now: number): number {
    if (this.#hostInterval === 0) return now
    const turn = Math.max(now, this.#hostTurns[cell] ?? 0, this.hostDue(cell))
    this.#hostTurns[cell] = turn + this.#hostInterval
    return turn
  }

  /**
   * When a probe to this host may go: booked turns keep order, and this keeps to the limit when several that were held
   * up become free at once.
   */
  hostDue(cell: number): number {
    return this.#hostInterval === 0 ? Number.NEGATIVE_INFINITY : (this.#hostSent[cell] ?? 0) + this.#hostInterval
  }

  /** Returns the congestion epoch the probe belongs to. */
  noteSent(cell: number, now: number, first: boolean): number {
    sent(this.#pacer, 1)
    // Who comes a little late is not late for ever.
    if (this.#hostInterval > 0) {
      const slack = this.#hostInterval <= LATE ? LATE : 0
      this.#hostSent[cell] = Math.max(now - slack, Math.min(now, this.hostDue(cell)))
    }
    return this.#congestion ? noteSent(this.#congestion, now, 1, first ? 1 : 0) : -1
  }

  noteAnswer({ epoch, earlier, prompt, lost, rtt, rationed }: AnswerFacts): void {
    if (!rationed) this.tally.answered++
    this.tally.lost += lost
    if (!this.#congestion) return
    noteAnswer(this.#congestion, epoch, rtt ?? this.#congestion.minRtt, prompt)
    if (lost > 0) noteLost(this.#congestion, earlier)
  }

  /** Moves the rate to what the evidence says; a few hundred times a second. */
  adjust(now: number, settling: { readonly rtt: number; readonly settle: number }): void {
    if (this.#congestion) adjust(this.#congestion, now, settling)
    if (this.#hostInterval > 0) this.#hostInterval = hostInterval(this.#hostShare, this.#hostInterval)
    setRate(
      this.#pacer,
      Math.max(1, Math.min(this.#ceiling, this.#congestion?.rate ?? this.#ceiling) * this.#thrift),
      now,
    )
  }

  /** This machine ran short (true) or is well again (false): halve, or give back. */
  strain(short: boolean): void {
    this.#thrift = short ? Math.max(1 / 256, this.#thrift / 2) : Math.min(1, this.#thrift * 1.5)
  }
}
