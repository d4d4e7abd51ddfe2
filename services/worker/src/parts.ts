/** What the jobs are made of. Built once in start-worker.ts, handed to every call. */
import type { Queues } from '@portolan/queue/queues.ts'
import type { Tracing } from '@portolan/trace/tracing.ts'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { Control } from './control.ts'
import type { Identifier } from './identify.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { SharedLimits } from './limits/shared-limits.ts'
import type { Tally } from './tally.ts'

/** This worker, as its row in `workers` has it. */
export type Self = {
  readonly id: string
  readonly name: string
  readonly vantage: string
  /** Shards it scans at once. */
  readonly slots: number
  /** Of its network interfaces, loopback left out. */
  readonly addresses: readonly string[]
}

export interface Parts {
  readonly db: pg.Pool
  readonly queues: Queues
  readonly log: Logger
  readonly self: Self
  /** Addresses of the installation's own database and queue. */
  readonly controlPlane: readonly string[]
  readonly control: Control
  readonly leases: LeaseKeeper
  readonly limits: SharedLimits
  readonly identifier: Identifier
  readonly tally: Tally
  /** How long, in milliseconds, a shard stays ours without a sign of life. The other times follow from it. */
  readonly lease: number
  /** Null: nobody collects traces. */
  readonly tracing: Tracing | null
}
