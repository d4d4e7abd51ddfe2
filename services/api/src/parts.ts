/** What the routes are made of. Built once in the composition root, handed to every call; tests build their own. */
import type { PortBook } from '@portolan/core/target/port-spec.ts'
import type { Db } from '@portolan/db/client.ts'
import type { Queues } from '@portolan/queue/queues.ts'
import type { Tracing } from '@portolan/trace/tracing.ts'
import type { Logger } from 'pino'
import type { Checker } from './check/check-endpoint.ts'
import type { Authenticator } from './http/authenticate.ts'
import type { Cursors } from './http/cursor.ts'
import type { Idempotency } from './http/idempotency.ts'
import type { Patience } from './http/listen.ts'
import type { Rates } from './http/rates.ts'
import type { Streams } from './http/streams.ts'
import type { JobFeed } from './job-feed.ts'
import type { Scopes } from './load-scope.ts'
import type { Metrics } from './metrics.ts'
import type { ScanStore } from './scans/scan-store.ts'
import type { MannedVantages } from './workers/manned-vantages.ts'

export interface Limits {
  /** Bytes of a JSON body. */
  readonly bodyBytes: number
  /** Bytes of an imported file. */
  readonly importBytes: number
  /** Probes of one scan. */
  readonly maxProbes: number
  /** How many proxies in front of us may say whom they speak for (X-Forwarded-For). */
  readonly trustProxy: number
  readonly patience: Patience
}

export interface Parts {
  readonly db: Db
  readonly queues: Queues
  readonly jobs: JobFeed
  readonly log: Logger
  readonly now: () => Date
  /** Every A and AAAA of a name; empty when there is none. */
  readonly resolve: (name: string) => Promise<readonly string[]>
  readonly book: PortBook
  readonly keys: Authenticator
  readonly cursors: Cursors
  readonly idempotency: Idempotency
  readonly rates: Rates
  readonly streams: Streams
  readonly metrics: Metrics
  readonly checker: Checker
  readonly limits: Limits
  readonly scans: ScanStore
  readonly scopes: Scopes
  /** Null: nobody collects traces. */
  readonly tracing: Tracing | null
  /** Folder of the built dashboard; undefined: where its build puts it. */
  readonly dashboard: string | undefined
  readonly vantages: MannedVantages
}
