/**
 * The positions under way. Every position between the frontier (`base`) and the furthest one asked (`next`) has one
 * slot of a ring; what is known of it lies in columns. A position outside cannot be answered, one inside only once:
 * that is why no result can be a duplicate, and why memory does not depend on the size of the scan.
 *
 *        from ........ base [ settled | in flight | settled | ready ... ] next ........ to
 */
import assert from 'node:assert'
import { VERDICT_COUNT } from './verdict.ts'

export const NONE = -1
/** Packets to one position are numbered 0..13, and again from 0; the last two numbers of the cookie are those of controls. */
export const NUMBERS = 14

/** To be sent: waits in a queue of probes that may go, of its host, or of a neighbour. */
export const WAITING = 0
export const IN_FLIGHT = 1
/** Asked often enough; its silence waits to be believed. */
export const QUIET = 2
/** And above: settled, plus the code of the verdict. */
export const SETTLED = 8

export class Window {
  readonly to: number
  readonly capacity: number
  base: number
  next: number
  readonly status: Uint8Array
  /** 1 while it is in a queue: its slot cannot be reused until it is out. */
  readonly queued: Uint8Array
  /** Tries that count as evidence, and packets sent (tries while the link was down do not count). */
  readonly tries: Uint8Array
  readonly sends: Uint8Array
  /** A bit for each numbered packet that the port itself has answered. */
  readonly heard: Uint16Array
  readonly sentAt: Float64Array
  /** When the packet before the last one was sent. */
  readonly earlierAt: Float64Array
  /** Congestion epochs of the last packet and of the one before it, for the path and for a limited host. */
  readonly epoch: Int32Array
  readonly earlierEpoch: Int32Array
  readonly hostEpoch: Int32Array
  readonly earlierHostEpoch: Int32Array
  /** Cell of its host. */
  readonly host: Int32Array
  /** The slot behind it in whichever queue it is in. */
  readonly link: Int32Array
  readonly #mask: number

  /** `capacity` is a power of two; a smaller slice takes less. */
  constructor(from: number, to: number, capacity = 1 << 18) {
    assert(from <= to && (capacity & (capacity - 1)) === 0)
    const size = Math.min(capacity, 2 ** Math.ceil(Math.log2(Math.max(2, to - from))))
    this.to = to
    this.base = from
    this.next = from
    this.capacity = size
    this.#mask = size - 1
    this.status = new Uint8Array(size)
    this.queued = new Uint8Array(size)
    this.tries = new Uint8Array(size)
    this.sends = new Uint8Array(size)
    this.heard = new Uint16Array(size)
    this.sentAt = new Float64Array(size)
    this.earlierAt = new Float64Array(size)
    this.epoch = new Int32Array(size)
    this.earlierEpoch = new Int32Array(size)
    this.hostEpoch = new Int32Array(size)
    this.earlierHostEpoch = new Int32Array(size)
    this.host = new Int32Array(size)
    this.link = new Int32Array(size)
  }

  /** Positions that can be handed out before the frontier has to move. */
  get room(): number {
    return Math.min(this.to, this.base + this.capacity) - this.next
  }

  get isDone(): boolean {
    return this.base === this.to
  }

  /** The slot of a position, NONE when it is not under way: never asked, final already, or made up by a stranger. */
  slotOf(position: number): number {
    return position >= this.base && position < this.next ? position % this.capacity : NONE
  }

  positionOf(slot: number): number {
    return this.base + ((slot - (this.base % this.capacity)) & this.#mask)
  }

  /** Hands out the next position and returns its slot; only while there is room. */
  open(): number {
    assert(this.room > 0)
    const slot = this.next++ % this.capacity
    this.status[slot] = WAITING
    this.tries[slot] = 0
    this.sends[slot] = 0
    this.heard[slot] = 0
    return slot
  }

  /** Notes that a packet to `slot` was sent. */
  noteSent(slot: number, now: number, epoch: number, hostEpoch: number): void {
    this.earlierAt[slot] = this.sends[slot] === 0 ? -1 : this.sentAt[slot]!
    this.earlierEpoch[slot] = this.epoch[slot]!
    this.earlierHostEpoch[slot] = this.hostEpoch[slot]!
    this.sentAt[slot] = now
    this.epoch[slot] = epoch
    this.hostEpoch[slot] = hostEpoch
    this.tries[slot] = this.tries[slot]! + 1
    this.heard[slot]! &= ~(1 << (this.sends[slot]! % NUMBERS))
    this.sends[slot] = Math.min(255, this.sends[slot]! + 1)
    this.status[slot] = IN_FLIGHT
  }

  /** The port in `slot` has answered packet `number`. False when it had before. */
  hear(slot: number, number: number): boolean {
    const bit = 1 << number
    if ((this.heard[slot]! & bit) !== 0) return false
    this.heard[slot]! |= bit
    return true
  }

  settle(slot: number, code: number): void {
    this.status[slot] = SETTLED + code
  }

  /** Verdict code of a settled slot, NONE of any other. */
  verdict(slot: number): number {
    const status = this.status[slot]!
    return status >= SETTLED ? status - SETTLED : NONE
  }

  /** Moves the frontier over everything settled, adding to `tally` by code; `passed` sees every slot left behind. */
  advance(tally: Uint32Array, passed: (slot: number, code: number) => void): void {
    assert(tally.length >= VERDICT_COUNT)
    while (this.base < this.next) {
      const slot = this.base % this.capacity
      const code = this.verdict(slot)
      if (code === NONE || this.queued[slot] === 1) return
      tally[code] = tally[code]! + 1
      passed(slot, code)
      this.base++
    }
  }
}
