/**
 * A SYN scan as one pure loop body: everything that is due at `now` is done, then the time until something is due again
 * is returned. It owns no thread, no clock and no way to its caller; those are the thread's.
 */
import type { ProbeSpace, ProbeTarget } from '#core/target/probe-space.ts'
import { Cookie } from '../cookie.ts'
import type { ScanTask } from '../engine.ts'
import { isSpent } from '../host-share.ts'
import type { PacketLink } from '../link.ts'
import { timeoutLimits } from '../pace/rtt.ts'
import type { RouteFinder } from '../route.ts'
import { TimerWheel } from '../timer-wheel.ts'
import { Answers } from './answers.ts'
import { Hosts } from './hosts.ts'
import { Outage } from './outage.ts'
import { Probes } from './probes.ts'
import { RecordWriter } from './records.ts'
import { Transmitter } from './transmitter.ts'
import { Turns } from './turns.ts'
import { HOST_UNREACH, NET_UNREACH, SILENT, VERDICT_COUNT } from './verdict.ts'
import { NONE, NUMBERS, Window } from './window.ts'
import { Witnesses } from './witnesses.ts'

/** Packets between two looks at what has come in. */
const BURST = 128
/** Positions handed out between two looks, when their hosts' turns have not come. */
const PULLS = 1024
/** Neighbours not known yet, or not there, met between two looks. */
const MAX_PARKED = 128
/** Positions that may wait for their host's turn or for a neighbour, so that others can go before them. */
const MAX_IDLE = 16_384

export type SynTask = Pick<
  ScanTask,
  'from' | 'to' | 'record' | 'rate' | 'perHostRate' | 'hostShare' | 'retries' | 'timeout'
>

export interface SynParts {
  readonly task: SynTask
  readonly space: ProbeSpace
  readonly link: PacketLink
  readonly portBase: number
  /** 8 random bytes. */
  readonly key: Uint8Array
  readonly openRoutes: () => RouteFinder
  readonly now: number
  /** How long trouble of our own may last, ms. */
  readonly patience?: number | undefined
}

export class SynScan {
  readonly window: Window
  readonly hosts: Hosts
  readonly answers: Answers
  readonly records = new RecordWriter()
  /** How often each verdict was passed by the frontier since it was last taken. */
  readonly tally = new Uint32Array(VERDICT_COUNT)
  sent = 0
  readonly #task: SynTask
  readonly #space: ProbeSpace
  readonly #link: PacketLink
  readonly #turns: Turns
  readonly #witnesses = new Witnesses()
  readonly #outage: Outage
  readonly #wheel: TimerWheel
  readonly #probes: Probes
  readonly #transmitter: Transmitter
  readonly #target: ProbeTarget = { family: 4, v4: 0, v6: new Uint8Array(16), port: 0, host: 0 }
  #sentBefore = 0
  #adjustedAt: number
  #concludedAt = Number.NEGATIVE_INFINITY
  #metAt: number

  constructor({ task, space, link, portBase, key, openRoutes, now, patience }: SynParts) {
    this.#outage = new Outage(patience)
    this.#task = task
    this.#space = space
    this.#link = link
    this.#adjustedAt = now
    this.#metAt = now
    const limits = timeoutLimits(task.timeout)
    const tries = task.retries === undefined ? undefined : Math.min(200, task.retries + 1)
    this.window = new Window(task.from, task.to)
    this.hosts = new Hosts({ hosts: space.hosts, positions: task.to - task.from, tries, limits })
    this.#turns = new Turns({ ...task, space }, this.hosts, now, (since, host) => {
      this.#probes.discount(since, host)
      if (host === NONE) this.hosts.calmDown()
    })
    this.#wheel = new TimerWheel(this.window.capacity + this.hosts.cells, now)
    const shared = { window: this.window, hosts: this.hosts, turns: this.#turns }
    this.#probes = new Probes({ ...shared, wheel: this.#wheel, timeout: limits.max })
    const cookie = new Cookie(key, portBase)
    this.#transmitter = new Transmitter({ link, cookie, window: this.window, openRoutes })
    const { records } = this
    const recordAll = task.record === 'all'
    this.answers = new Answers({ ...shared, cookie, space, witnesses: this.#witnesses, records, recordAll })
  }

  get isDone(): boolean {
    return this.window.isDone
  }

  /** Packets a second the path is thought to carry. */
  get rate(): number {
    return this.#turns.rate
  }

  /** Does what is due; at most `granted` probes are sent, and no new position is asked when `isHeld`. Returns ms to wait. */
  step(now: number, granted: number, isHeld = false): number {
    const credits = isSpent(this.#task.hostShare) ? 0 : granted
    const unknown = this.hosts.groupRtt === null
    this.receive(now)
    if (unknown && this.hosts.groupRtt !== null) this.#probes.rearm(now)
    this.#probes.expire(now)
    this.#meet(now)
    this.#believe(now)
    this.#adjust(now)
    this.#transmit(now, credits, isHeld)
    this.#transmitter.flush()
    this.#watch(now)
    this.#advance()
    return this.#pause(now, credits, isHeld)
  }

  /** Takes everything that has come in. */
  receive(now: number): void {
    this.#link.receive((bytes, at, length) => {
      if (!this.answers.take(bytes, at, length, now))
        this.#transmitter.readNeighbour(bytes, at, length, (slot) => this.#probes.enqueue(slot))
    })
  }

  #meet(now: number): void {
    if (!this.#transmitter.asksNeighbours || now - this.#metAt < 1) return
    this.#metAt = now
    const budget = Math.max(1, Math.min(BURST, this.#turns.permits(now)))
    this.#turns.noteOther(this.#transmitter.meetNeighbours(now, budget, (slot) => this.#probes.enqueue(slot)))
  }

  /** Believes silences of times when the path is known to have worked; asks a witness when that takes a sign of life. */
  #believe(now: number): void {
    const witnesses = this.#witnesses
    const gap = witnesses.takeGap()
    if (gap < Number.POSITIVE_INFINITY) this.#probes.revive(gap)
    const doubted = this.#probes.believe(witnesses.exist ? witnesses.aliveAt : Number.POSITIVE_INFINITY)
    // Often enough to see an outage, no more than a twentieth of what is sent; at the end, which waits for it, at once.
    const regular = Math.max(100, 2 * this.hosts.groupTimeout, 20_000 / this.#turns.rate)
    const hurry = doubted && this.window.next === this.window.to ? Math.max(5, this.hosts.groupTimeout / 2) : regular
    const witness = witnesses.due(now, regular, this.#outage.isOn ? 250 : hurry)
    if (witness) this.#testify(witness, now)
  }

  /** Asks a witness, when it is its host's turn. */
  #testify(witness: Readonly<ProbeTarget>, now: number): void {
    const turns = this.#turns
    if (turns.isLimited(witness.host)) {
      if (turns.turnOf(witness.host) > now) {
        this.#witnesses.passOver()
        return
      }
      turns.takeTurn(witness.host, now)
    }
    turns.noteOther(1)
    this.sent++
    const number = NUMBERS + this.#witnesses.ask(now)
    if (this.#transmitter.send(witness, number, NONE, now) === 'trouble') this.#noteWayless(now)
  }

  #adjust(now: number): void {
    if (now - this.#adjustedAt < 2) return
    this.#adjustedAt = now
    if (now - this.#concludedAt >= 10) {
      this.#concludedAt = now
      this.hosts.conclude()
    }
    const rtt = this.hosts.groupRtt
    const timeout = this.hosts.groupTimeout
    this.#turns.adjust(now, { rtt: rtt ?? 1, settle: timeout * 1.1 + (rtt ?? timeout) + 5 })
  }

  #transmit(now: number, credits: number, isHeld: boolean): void {
    if (now < this.#outage.pausedUntil || this.#outage.isSilence) return
    let budget = Math.min(BURST, credits, this.#turns.permits(now))
    const [before, wayless]: [number, number[]] = [this.sent, []]
    let parked = 0
    for (let pulls = isHeld ? 0 : PULLS; budget > 0 && parked < MAX_PARKED; ) {
      let slot = this.#probes.next()
      if (slot !== NONE) this.#space.at(this.window.positionOf(slot), this.#target)
      else {
        if (pulls-- <= 0 || !this.#mayOpen) break
        slot = this.#open()
        if (!this.#probes.admit(slot, now)) continue
      }
      if (this.#send(slot, now, wayless)) budget--
      else parked++
    }
    for (const slot of wayless) this.#probes.enqueue(slot)
    if (wayless.length > 0 && this.sent === before) this.#noteWayless(now)
  }

  get #mayOpen(): boolean {
    const idle = this.#probes.parked + this.#transmitter.waiting
    return this.window.room > 0 && idle < Math.min(MAX_IDLE, this.window.capacity / 2)
  }

  #open(): number {
    const position = this.window.next
    const slot = this.window.open()
    this.#space.at(position, this.#target)
    this.window.host[slot] = this.hosts.hold(this.#target.host)
    return slot
  }

  /** True when a packet was queued. Those that this machine knows no way for wait in `wayless` while others are tried. */
  #send(slot: number, now: number, wayless: number[]): boolean {
    const { window } = this
    const outcome = this.#transmitter.send(this.#target, window.sends[slot]! % NUMBERS, slot, now)
    if (outcome === 'sent') {
      this.#probes.noteSent(slot, now)
      this.sent++
      return true
    }
    if (outcome === 'trouble') wayless.push(slot)
    else if (outcome === 'parked') this.#probes.hold(slot)
    else this.#settle(slot, outcome === 'nobody' ? HOST_UNREACH : NET_UNREACH)
    return false
  }

  #settle(slot: number, code: number): void {
    const { window } = this
    window.settle(slot, code)
    if (this.#task.record === 'all') this.records.add(window.positionOf(slot), code, this.#target, null)
  }

  /** There is no way just now: waited out when there has been one, or when a router is being asked for. */
  #noteWayless(now: number): void {
    const { trouble } = this.#transmitter
    const mayWait = this.sent > 0 || this.#transmitter.asksNeighbours
    if (trouble) this.#outage.noteNoRoute(trouble, now, mayWait)
  }

  /** Looks at how sending went, begins and ends outages. */
  #watch(now: number): void {
    const { errno } = this.#transmitter
    this.#transmitter.errno = 0
    const outage = this.#outage
    this.#turns.strain(errno !== 0, now)
    if (errno !== 0) {
      outage.noteErrno(errno, now)
      this.#transmitter.forgetRoutes()
    } else if (this.#witnesses.silence(now) > Math.max(1000, 5 * this.hosts.groupTimeout)) outage.noteSilence(now)
    else if (outage.isOn && now >= outage.pausedUntil && (outage.isSilence || this.sent > this.#sentBefore)) {
      // Where a witness found it out, the gap in its testimony tells what to ask again.
      if (!outage.isSilence) this.#probes.revive(outage.since)
      outage.end(now)
    }
    this.#sentBefore = this.sent
  }

  #advance(): void {
    const { window, hosts } = this
    window.advance(this.tally, (slot, code) => {
      const host = window.host[slot]!
      if (code === SILENT) hosts.noteSilent(host, window.tries[slot]!)
      hosts.release(host)
      if (code !== SILENT || this.#task.record !== 'all') return
      this.#space.at(window.base, this.#target)
      this.records.add(window.base, code, this.#target, null)
    })
  }

  #pause(now: number, credits: number, isHeld: boolean): number {
    if (this.isDone) return 0
    let pause = Math.min(50, this.#wheel.pause(now))
    if (this.#transmitter.asksNeighbours || this.#probes.quiet > 0) pause = Math.min(pause, 5)
    if (this.#outage.isOn) return Math.min(pause, Math.max(5, this.#outage.pausedUntil - now))
    const more = this.#probes.ready > 0 || (!isHeld && this.#mayOpen)
    if (!more || credits <= 0) return pause
    return Math.min(pause, this.#turns.pause())
  }

  /** Takes what has come in by now; nothing more is sent. */
  finish(now: number): void {
    this.receive(now)
    this.#advance()
  }

  close(): void {
    this.#transmitter.close()
  }
}
