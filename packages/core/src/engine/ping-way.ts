/** One way of asking whether anybody is at an address, and what the answers are called. */
import type { ProbeTarget } from '#core/target/probe-space.ts'
import type { Reason } from './engine.ts'
import type { Verdict } from './errno.ts'
import type { PingSpace } from './ping-space.ts'
import type { ProbeId } from './prober.ts'
import type { Schedule } from './schedule.ts'

export type PingReason = Reason | 'echo-reply' | 'timestamp-reply' | 'arp-response' | 'nd-response'

/** The host in `slot` has answered. `rtt` in ms, null when it cannot be told which try was answered. */
export type Alive = (slot: number, reason: PingReason, rtt: number | null) => void

/** The probe in `slot` did not leave, and why. */
export type Stuck = (slot: number, verdict: Verdict) => void

/** What a way asks of the scan's books. */
export interface PingBook {
  /** The slot in which this very way waits for an answer from `target`'s address, or -1. */
  locate(target: ProbeTarget): number
  triesOf(slot: number): number
  sentAt(slot: number): number
}

export interface PingWay {
  /** Descriptor that is readable when there is something to collect; -1 for none. */
  readonly fd: number
  readonly invalid: number
  /** Does this way make sense for the target? */
  suits(target: Readonly<ProbeTarget>): boolean
  send(target: Readonly<ProbeTarget>, probe: ProbeId, now: number): Verdict | null
  /** Puts on the wire what `send` has only noted. Absent where that cannot be. */
  flush?(): void
  /** `stuck` hears of probes that did not leave this machine after all. */
  collect(now: number, alive: Alive, stuck: Stuck): void
  abandon(slot: number): void
  close(): void
}

/** Milliseconds since the probe left, null when several tries are under way. */
export function roundTrip(book: PingBook, slot: number, now: number): number | null {
  return book.triesOf(slot) === 1 ? Math.max(0, now - book.sentAt(slot)) : null
}

/** The scan's books, which are opened after the ways are known. */
export interface PingBooks {
  readonly space: PingSpace | null
  readonly schedule: Schedule | null
}

/** What way number `way` may ask of them. */
export function bookOf(books: PingBooks, way: number): PingBook {
  return {
    locate(target) {
      const position = books.space?.positionOf({ ...target, port: way }) ?? -1
      return position < 0 ? -1 : (books.schedule?.slotOf(position) ?? -1)
    },
    triesOf: (slot) => books.schedule?.triesOf(slot) ?? 0,
    sentAt: (slot) => books.schedule?.sentAt(slot) ?? 0,
  }
}
