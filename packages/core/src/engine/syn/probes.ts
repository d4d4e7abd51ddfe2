/** What becomes of each probe: asked, asked again, parked until its host's turn, believed silent. */

import { waitAfter } from '../pace/retry.ts'
import type { TimerWheel } from '../timer-wheel.ts'
import { HostQueues } from './host-queues.ts'
import type { Hosts } from './hosts.ts'
import { SlotQueue } from './slot-queue.ts'
import type { Turns } from './turns.ts'
import { SILENT } from './verdict.ts'
import { IN_FLIGHT, NONE, QUIET, WAITING, type Window } from './window.ts'

/** One round trip says little about the others: nothing asked before it is given up sooner than this, ms. */
const FIRST_WAIT = 100

export interface ProbeParts {
  readonly window: Window
  readonly hosts: Hosts
  readonly turns: Turns
  readonly wheel: TimerWheel
  /** Longest wait for one answer, ms. */
  readonly timeout: number
}

export class Probes {
  readonly #parts: ProbeParts
  readonly #ready: SlotQueue
  readonly #quiet: SlotQueue
  readonly #queues: HostQueues
  /** Hosts whose turn was given to a probe that has not gone yet: they get no other, so that held-up turns do not pile up. */
  readonly #promised: Uint8Array

  constructor(parts: ProbeParts) {
    this.#parts = parts
    this.#ready = new SlotQueue(parts.window.capacity)
    this.#quiet = new SlotQueue(parts.window.capacity)
    this.#queues = new HostQueues(parts.hosts.cells, parts.window)
    this.#promised = new Uint8Array(parts.hosts.cells)
  }

  /** Probes that may go at once. */
  get ready(): number {
    return this.#ready.length
  }

  /** Probes that wait for the turn of their host. */
  get parked(): number {
    return this.#queues.count
  }

  /** Silent probes not believed yet. */
  get quiet(): number {
    return this.#quiet.length
  }

  /** The next slot that may go, NONE when there is none. */
  next(): number {
    for (let slot = this.#ready.shift(); slot !== NONE; slot = this.#ready.shift()) if (this.#unqueue(slot)) return slot
    return NONE
  }

  /** Takes a slot out of whatever it was queued in; false when it has been answered meanwhile. */
  #unqueue(slot: number): boolean {
    const { window } = this.#parts
    window.queued[slot] = 0
    this.#promised[window.host[slot]!] = 0
    return window.status[slot] === WAITING
  }

  /** May a probe of this host's go now? If so, its turn is taken. Else the slot waits for it. */
  admit(slot: number, now: number): boolean {
    const { window, turns } = this.#parts
    const host = window.host[slot]!
    if (!turns.isLimited(host)) return true
    if (this.#queues.isEmpty(host) && turns.turnOf(host) <= now) {
      turns.takeTurn(host, now)
      return true
    }
    this.#park(slot, false)
    return false
  }

  #park(slot: number, first: boolean): void {
    const { window, turns, wheel } = this.#parts
    const host = window.host[slot]!
    const timer = window.capacity + host
    if (this.#queues.isEmpty(host)) wheel.set(timer, turns.turnOf(host))
    window.queued[slot] = 1
    if (first) this.#queues.pushFront(host, slot)
    else this.#queues.push(host, slot)
  }

  /** A slot to be sent as soon as the rate allows: its neighbour has been found, say. */
  enqueue(slot: number): void {
    this.#parts.window.queued[slot] = 1
    this.#ready.push(slot)
  }

  /** Waits with a neighbour: nothing but `enqueue` brings it back. */
  hold(slot: number): void {
    this.#parts.window.queued[slot] = 1
  }

  /** A packet to `slot` has been queued for sending. */
  noteSent(slot: number, now: number): void {
    const { window, turns, wheel } = this.#parts
    const host = window.host[slot]!
    const asked = window.sends[slot] === 0
    window.noteSent(slot, now, turns.noteSent(host, now, asked), turns.noteSentToHost(host, now, asked))
    wheel.set(slot, now + this.#wait(slot))
  }

  /** How long the answer to the last packet of `slot` is waited for, ms. */
  #wait(slot: number): number {
    const { window, hosts, timeout } = this.#parts
    const tries = window.tries[slot]!
    const host = window.host[slot]!
    return Math.min(timeout, waitAfter(tries, hosts.timeout(host), tries >= hosts.tries(host)))
  }

  /** The first round trip is known: what was sent before need not wait as if nothing were. */
  rearm(now: number): void {
    const { window, wheel } = this.#parts
    for (let position = window.base; position < window.next; position++) {
      const slot = window.slotOf(position)
      if (window.status[slot] !== IN_FLIGHT) continue
      wheel.set(slot, Math.max(now, window.sentAt[slot]! + Math.max(FIRST_WAIT, this.#wait(slot))))
    }
  }

  /** Deals with everything whose time has come. */
  expire(now: number): void {
    const { window, wheel } = this.#parts
    wheel.advance(now, (timer) => {
      if (timer >= window.capacity) this.#takeTurn(timer - window.capacity, now)
      else this.#timeOut(timer)
    })
  }

  #takeTurn(host: number, now: number): void {
    const { window, turns, wheel } = this.#parts
    if (this.#promised[host] === 1) {
      wheel.set(window.capacity + host, now + 1)
      return
    }
    for (let slot = this.#queues.shift(host); slot !== NONE; slot = this.#queues.shift(host)) {
      if (!this.#unqueue(slot)) continue
      this.enqueue(slot)
      this.#promised[host] = 1
      turns.takeTurn(host, now)
      break
    }
    if (!this.#queues.isEmpty(host)) wheel.set(window.capacity + host, turns.turnOf(host))
  }

  #timeOut(slot: number): void {
    const { window, hosts } = this.#parts
    if (window.status[slot] !== IN_FLIGHT) return
    if (window.sends[slot] === 1) hosts.noteJudged(window.host[slot]!)
    if (this.#deservesMore(slot)) this.#again(slot)
    else {
      window.status[slot] = QUIET
      window.queued[slot] = 1
      this.#quiet.push(slot)
    }
  }

  #deservesMore(slot: number): boolean {
    const { window, hosts } = this.#parts
    return window.tries[slot]! < hosts.tries(window.host[slot]!)
  }

  #again(slot: number): void {
    const { window, turns } = this.#parts
    window.status[slot] = WAITING
    if (turns.isLimited(window.host[slot]!)) this.#park(slot, true)
    else this.enqueue(slot)
  }

  /** Believes silences asked about up to `aliveAt`. Returns true when some are left that were asked about later. */
  believe(aliveAt: number): boolean {
    const { window } = this.#parts
    for (let slot = this.#quiet.peek(); slot !== NONE; slot = this.#quiet.peek()) {
      const isQuiet = window.status[slot] === QUIET
      if (isQuiet && window.sentAt[slot]! > aliveAt) return true
      this.#quiet.shift()
      window.queued[slot] = 0
      if (!isQuiet) continue
      // Since it fell silent more may have become known of the loss.
      if (this.#deservesMore(slot)) this.#again(slot)
      else window.settle(slot, SILENT)
    }
    return false
  }

  /**
   * Tries since `since` went into an overload, of one host (its cell) or, NONE, of the path: they prove no silence. What
   * was believed on their evidence, and not passed yet, is doubted again.
   */
  discount(since: number, host: number): void {
    const { window } = this.#parts
    for (let position = window.base; position < window.next; position++) {
      const slot = window.slotOf(position)
      const verdict = window.verdict(slot)
      if ((verdict !== NONE && verdict !== SILENT) || (host !== NONE && window.host[slot] !== host)) continue
      const drowned = Number(window.sentAt[slot]! >= since) + Number(window.earlierAt[slot]! >= since)
      if (drowned === 0) continue
      window.tries[slot] = since === Number.NEGATIVE_INFINITY ? 0 : Math.max(0, window.tries[slot]! - drowned)
      if (verdict === SILENT) this.#again(slot)
    }
  }

  /** Asks everything again that was asked after `aliveAt` and is not settled: those tries do not count. */
  revive(aliveAt: number): void {
    const { window, wheel } = this.#parts
    for (let left = this.#quiet.length; left > 0; left--) {
      const slot = this.#quiet.shift()
      if (window.status[slot] !== QUIET) window.queued[slot] = 0
      else if (window.sentAt[slot]! <= aliveAt) this.#quiet.push(slot)
      else window.status[slot] = IN_FLIGHT
    }
    for (let position = window.base; position < window.next; position++) {
      const slot = window.slotOf(position)
      if (window.status[slot] !== IN_FLIGHT || window.sentAt[slot]! <= aliveAt) continue
      wheel.cancel(slot)
      window.tries[slot] = 0
      this.#again(slot)
    }
  }
}
