/** What the scanning thread and its caller say to each other. */
import type { ProbePlan, ProbeSpace } from '#core/target/probe-space.ts'
import type { EngineStats, StateCounts } from '../engine.ts'
import type { SynTask } from './scan.ts'

/** Cells of an Int32Array both threads see: read and written with Atomics, never waited on. */
export const ABORTED = 0
/** Batches posted and not yet fetched by the consumer. */
export const UNREAD = 1
/** Probes the gate has granted so far, modulo 2^32. */
export const GRANTED = 2
export const CELLS = 3

/** Unfetched batches after which no new position is asked. */
export const MAX_UNREAD = 32

export interface ThreadData {
  readonly cells: Int32Array
  readonly plan: ProbePlan
  /** What the plan makes, where it need not be made again: in the caller's thread. */
  readonly space?: ProbeSpace
  readonly task: SynTask
  readonly sourceAddress?: string
  readonly interface?: string
  /** Is there a gate to ask before probes are sent? */
  readonly gated: boolean
  /** Does it run in its caller's thread, and so has to let the event loop have its turns? */
  readonly inline: boolean
  readonly patience?: number | undefined
}

export type ThreadMessage =
  | {
      readonly kind: 'batch'
      readonly resolvedUpTo: number
      readonly counts: StateCounts
      readonly stats: EngineStats
      readonly records: ArrayBuffer
    }
  /** Asks the gate for this many probes. */
  | { readonly kind: 'want'; readonly count: number }
  /** Everything is given back; nothing follows. */
  | { readonly kind: 'end' }
  | { readonly kind: 'trouble'; readonly code: string; readonly message: string }
