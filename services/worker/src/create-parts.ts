import { randomUUID } from 'node:crypto'
import type { ClientIdentity } from '@portolan/core/detect/protocol.ts'
import { type KnowledgeFiles, loadKnowledge } from '@portolan/core/knowledge/load-knowledge.ts'
import { createDb } from '@portolan/db/client.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import { tracingTo } from '@portolan/trace/tracing-to.ts'
import type { Logger } from 'pino'
import { createControl } from './control.ts'
import { createIdentifier } from './identify.ts'
import { createLeaseKeeper } from './lease-keeper.ts'
import { createSharedLimits } from './limits/shared-limits.ts'
import type { MailServer } from './notify/mail.ts'
import type { Parts } from './parts.ts'
import { ownAddresses } from './registration.ts'
import { controlPlaneOf } from './scope.ts'
import { createTally } from './tally.ts'

export interface WorkerOptions {
  readonly databaseUrl: string
  readonly queueUrl: string
  readonly vantage: string
  readonly name: string
  readonly version: string
  /** Shards at once. */
  readonly slots: number
  /** Connections at once for detection. */
  readonly connections: number
  /** The same to any one host, of all workers together. */
  readonly hostConnections: number
  /** Milliseconds. */
  readonly lease: number
  /** Fingerprints of the user's; unset: the built-in alone. */
  readonly knowledge?: KnowledgeFiles
  readonly client: ClientIdentity
  /** Whether this worker sends notifications, and how; null: others do. */
  readonly notify: NotifyOptions | null
  /** Collector of OpenTelemetry traces; unset: there is none. */
  readonly traces?: string | undefined
  readonly log: Logger
}

export type NotifyOptions = {
  readonly mailServer: MailServer | null
  /** CIDR blocks of special purpose (loopback, private, ...) that notifications may be sent to. */
  readonly networks: readonly string[]
}

export interface OpenParts extends Parts {
  /** Everything but the queues. */
  close(): Promise<void>
}

/** Milliseconds a worker may pause within a transaction, however short its leases are: a busy machine does. */
const PAUSE = 5_000

/** Opens what the jobs stand on; nothing of it connects before it is used. */
export async function createParts(options: WorkerOptions): Promise<OpenParts> {
  const { databaseUrl, queueUrl, vantage, name, slots, lease, client, connections, hostConnections, log } = options
  const knowledge = await loadKnowledge(options.knowledge ?? { probes: [], recog: [] })
  for (const note of knowledge.notes) log.info(note)
  const onError = (err: unknown) => log.warn({ err }, 'connection trouble')
  const longestPause = Math.max(lease, PAUSE)
  const database = createDb(databaseUrl, { connections: slots * 2 + 6, longestPause, onError })
  const db = database.pool
  const control = createControl(db, onError)
  const id = randomUUID()
  const limits = createSharedLimits({ db, workerId: id, vantage, onError })
  const leases = createLeaseKeeper({ databaseUrl, lease, onError })
  const tracing = await tracingTo(options.traces, { service: 'portolan-worker', version: options.version })
  return {
    db,
    queues: openQueues(queueUrl, { onError }),
    log,
    self: { id, name, vantage, slots, addresses: ownAddresses() },
    controlPlane: await controlPlaneOf([databaseUrl, queueUrl]),
    control,
    leases,
    limits,
    identifier: createIdentifier({ client, connections, hostConnections, protocols: knowledge.protocols }),
    tally: createTally(),
    lease,
    tracing,
    async close() {
      await tracing?.close()
      await control.close()
      await leases.close()
      await limits.close()
      await database.close()
    },
  }
}
