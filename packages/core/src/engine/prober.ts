/** What a scan needs of the thing that puts probes on the wire; one implementation per transport and system. */
import type { ProbeTarget } from '#core/target/probe-space.ts'
import type { Verdict } from './errno.ts'

/** `rtt` in milliseconds, null when the answer cannot be told from one to an earlier try; `from`: who said so, when it was not the target. */
export type Report = (slot: number, verdict: Verdict, rtt: number | null, from?: string) => void

export interface ProbeId {
  readonly slot: number
  /** Tries before this one. */
  readonly tries: number
}

export interface Prober {
  /** How many more probes can be under way now. */
  readonly room: number
  /** When `send` returns null the probe has really left; otherwise an outcome tells, or `pending`: it has. */
  readonly certain: boolean
  /** Answers dropped because they failed validation. */
  readonly invalid: number
  /**
   * Sends one probe; its outcome is reported under `slot`. Null: it is on its way. A state: it is not worth sending, and
   * counts as that. Otherwise it did not leave, and why.
   */
  send(target: Readonly<ProbeTarget>, probe: ProbeId, now: number): Verdict | null
  /** Puts on the wire what `send` has only noted. Absent where that cannot be. */
  flush?(): void
  /** Reports what has come in since the last call; returns how many. */
  collect(now: number, report: Report): number
  /** No answer to the try in `slot` is waited for any more. */
  abandon(slot: number): void
  /** Resolves after `ms`, or sooner when something has come in. Below 2 ms it may block the thread that long. */
  wait(ms: number): Promise<void>
  /** Ends a `wait` in progress. */
  wake(): void
  /** Is there a way to `target` now? Sends nothing. Absent where nobody can be asked. */
  isRouted?(target: Readonly<ProbeTarget>): boolean
  /** The local address probes leave from, when known. */
  localAddress(): string | null
  close(): void
}
