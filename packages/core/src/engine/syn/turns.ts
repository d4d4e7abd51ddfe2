/**
 * Who may send when: the whole scan (a rate that was asked for, or the one the path is found to carry) and each host (a
 * rate that was asked for, or, for a host that loses much more than the rest, the one it is found to take). Reads no
 * clock, sends nothing.
 */
import type { ScanTask } from '../engine.ts'
import { hostInterval } from '../host-share.ts'
import {
  adjust,
  type Congestion,
  createCongestion,
  noteAnswer,
  noteLost,
  noteSent,
  type Settling,
} from '../pace/congestion.ts'
import { createPacer, type Pacer, pause, permits, sent, setRate } from '../pace/pacer.ts'
import type { Hosts } from './hosts.ts'

/** Above what any sender here reaches: no limit. */
const UNLIMITED = 5e6
/** With a rate that was asked for, only plain overload slows the scan down; else any congestion does. */
const PATIENT = 0.35
const WATCHFUL = 0.1
const MAX_LIMITED = 1024

export interface Answered {
  readonly host: number
  /** Epochs of the answered packet. */
  readonly epoch: number
  readonly hostEpoch: number
  readonly rtt: number
  readonly prompt: boolean
}

const numberOf = (rate: number | 'max' | undefined): number => (typeof rate === 'number' ? rate : UNLIMITED)

export class Turns {
  readonly #hosts: Hosts
  readonly #overload: (since: number, host: number) => void
  readonly #path: Congestion
  readonly #pacer: Pacer
  readonly #limited = new Map<number, Congestion>()
  readonly #adaptive: boolean
  /** Milliseconds between two packets to one host, 0 without a limit. */
  #interval: number
  readonly #hostShare: Int32Array | undefined
  readonly #turnAt: Float64Array
  readonly #sent: Uint32Array
  readonly #since: Float64Array
  /** Below 1 while this machine is short of something. */
  #thrift = 1
  #strainedAt = Number.NEGATIVE_INFINITY

  /** `overload` hears of every overload that has just ended: since when, and at which host (its cell; -1: the path). */
  constructor(
    task: Pick<ScanTask, 'rate' | 'perHostRate' | 'hostShare' | 'space'>,
    hosts: Hosts,
    now: number,
    overload: (since: number, host: number) => void,
  ) {
    this.#overload = overload
    const perHost = numberOf(task.perHostRate)
    const ceiling = Math.min(numberOf(task.rate), perHost * task.space.hosts)
    const fixed = typeof task.rate === 'number' || ceiling < UNLIMITED
    this.#hosts = hosts
    this.#path = createCongestion({
      now,
      ceiling,
      tolerance: fixed ? PATIENT : WATCHFUL,
      ...(fixed ? { start: ceiling } : {}),
    })
    this.#pacer = createPacer(this.#path.rate, now)
    this.#adaptive = typeof task.perHostRate !== 'number' && task.space.hosts > 1
    this.#hostShare = task.hostShare
    this.#interval = perHost < UNLIMITED ? hostInterval(task.hostShare, 1000 / perHost) : 0
    this.#turnAt = new Float64Array(hosts.cells)
    this.#sent = new Uint32Array(this.#adaptive ? hosts.cells : 0)
    this.#since = new Float64Array(this.#adaptive ? hosts.cells : 0)
  }

  /** Packets a second the path is thought to carry. */
  get rate(): number {
    return this.#path.rate
  }

  permits(now: number): number {
    return permits(this.#pacer, now)
  }

  /** Milliseconds until `permits` gives something. */
  pause(): number {
    return pause(this.#pacer)
  }

  /** Is there a limit for this host by itself? */
  isLimited(host: number): boolean {
    return this.#interval > 0 || (this.#limited.size > 0 && this.#limited.has(host))
  }

  /** When the host may be sent to next. */
  turnOf(host: number): number {
    return this.#turnAt[host]!
  }

  /** Takes the host's turn: the next is one interval later. A turn missed is not made up for. */
  takeTurn(host: number, now: number): void {
    const interval = this.#intervalOf(host)
    // Waking up late is made up for where it happens all the time, and makes no difference in any second.
    this.#turnAt[host] = Math.max(interval < 20 ? now - 1 : now, this.#turnAt[host]!) + interval
  }

  #intervalOf(host: number): number {
    const own = this.#limited.get(host)
    return own ? 1000 / own.rate : this.#interval
  }

  /** A packet goes to no port in particular (a control, a neighbour request). */
  noteOther(count: number): void {
    sent(this.#pacer, count)
  }

  /** A packet goes to `host`; `asked`: its port is asked for the first time. Returns the path's epoch. */
  noteSent(host: number, now: number, asked: boolean): number {
    sent(this.#pacer, 1)
    if (this.#adaptive) {
      if (this.#sent[host] === 0) this.#since[host] = now
      this.#sent[host] = this.#sent[host]! + 1
    }
    return noteSent(this.#path, now, 1, asked && !this.#limited.has(host) ? 1 : 0)
  }

  /** The host's own epoch for the same packet, -1 when it is not limited. */
  noteSentToHost(host: number, now: number, asked: boolean): number {
    const own = this.#limited.size > 0 ? this.#limited.get(host) : undefined
    return own ? noteSent(own, now, 1, asked ? 1 : 0) : -1
  }

  noteAnswer({ host, epoch, hostEpoch, rtt, prompt }: Answered): void {
    const own = this.#limited.size > 0 ? this.#limited.get(host) : undefined
    if (own) {
      if (hostEpoch >= 0) noteAnswer(own, hostEpoch, rtt, prompt)
    } else noteAnswer(this.#path, epoch, rtt, prompt)
  }

  /** `count` packets, the last of them of these epochs, were lost (negative: were not, after all). */
  noteLost(
    { host, epoch, hostEpoch }: Pick<Answered, 'host' | 'epoch' | 'hostEpoch'>,
    now: number,
    count: number,
  ): void {
    const own = this.#limited.get(host)
    if (own) {
      if (hostEpoch >= 0) noteLost(own, hostEpoch, count)
      return
    }
    noteLost(this.#path, epoch, count)
    if (count > 0 && this.#adaptive) this.#suspect(host, now)
  }

  /** A host that loses far more than the rest has a limit of its own: from now on it is paced apart. */
  #suspect(host: number, now: number): void {
    const { lost, answered, tally } = this.#hosts
    const [bad, good] = [lost[host]!, answered[host]!]
    const share = bad / (bad + good)
    const others = (tally.lost - bad) / Math.max(1, tally.lost + tally.answered - bad - good)
    if (bad < 4 || share < 0.25 || share < others * 2.5 + 0.1 || this.#limited.size >= MAX_LIMITED) return
    const rate = (this.#sent[host]! * 1000) / Math.max(1, now - this.#since[host]!)
    this.#limited.set(host, createCongestion({ now, start: Math.max(8, rate * (1 - share)), ring: 32 }))
    this.#overload(Number.NEGATIVE_INFINITY, host)
  }

  /** Moves the rates to what the evidence says; a few hundred times a second. */
  adjust(now: number, settling: Settling): void {
    this.#adjustOne(this.#path, -1, now, settling)
    if (this.#interval > 0) this.#interval = hostInterval(this.#hostShare, this.#interval)
    for (const [host, own] of this.#limited) this.#adjustOne(own, host, now, settling)
    setRate(this.#pacer, Math.max(1, this.#path.rate * this.#thrift), now)
  }

  #adjustOne(congestion: Congestion, host: number, now: number, settling: Settling): void {
    const since = adjust(congestion, now, settling)
    // Losses come to light late: the overload is older than the evidence that told.
    if (since < Number.POSITIVE_INFINITY) this.#overload(since - settling.settle, host)
  }

  /** This machine ran short (true) or is well (false): halve, or give back step by step. */
  strain(short: boolean, now: number): void {
    if ((this.#thrift === 1 && !short) || now - this.#strainedAt < 50) return
    this.#strainedAt = now
    this.#thrift = short ? Math.max(1 / 256, this.#thrift / 2) : Math.min(1, this.#thrift * 1.25)
  }
}
