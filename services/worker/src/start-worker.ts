import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientIdentity } from '@portolan/core/detect/protocol.ts'
import { FINISH_QUEUE, PLAN_QUEUE, parseJob, scanQueue } from '@portolan/core/jobs.ts'
import { createDb } from '@portolan/db/client.ts'
import { type Delivery, Postpone } from '@portolan/queue/consumer.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import type { Logger } from 'pino'
import { createControl } from './control.ts'
import { createIdentifier } from './identify.ts'
import { finishScan } from './jobs/finish-scan.ts'
import { planScan } from './jobs/plan-scan.ts'
import { scanShard } from './jobs/scan-shard.ts'
import { createLeaseKeeper } from './lease-keeper.ts'
import type { Parts } from './parts.ts'
import { reconcile } from './reconcile.ts'
import { capabilitiesOf, heartbeat, ownAddresses, register, unregister } from './registration.ts'
import { controlPlaneOf } from './scope.ts'

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
  /** Milliseconds. */
  readonly lease: number
  readonly client: ClientIdentity
  readonly log: Logger
}

export interface RunningWorker {
  /** Stores what the running shards have found, hands them back, and lets go of everything. */
  stop(): Promise<void>
}

/** Milliseconds between two passes of the reconciler. */
const RECONCILE = 1_000
const DAY = 86_400_000
/** How long a job of another version is left for a worker of that version. */
const OTHER_VERSION = 5_000

/** Throws when the database or the queue cannot be reached. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { slots, lease, vantage, log } = options
  const parts = assemble(options, await controlPlaneOf([options.databaseUrl, options.queueUrl]))
  const { db, close } = parts
  await parts.queues.migrate()
  await register(db, parts.self, options.version, capabilitiesOf(slots))
  const handle = (delivery: Delivery) => handleJob(parts, delivery)
  parts.queues.worker(PLAN_QUEUE, handle, { concurrency: 2, lockDuration: lease * 2 })
  parts.queues.worker(FINISH_QUEUE, handle, { concurrency: 2, lockDuration: lease * 2 })
  parts.queues.worker(scanQueue(vantage), handle, { concurrency: slots, lockDuration: lease * 2 })
  const over = new AbortController()
  const loops = [
    repeat(RECONCILE, over.signal, () => reconcile(parts), log),
    repeat(lease / 3, over.signal, () => heartbeat(db, parts.self, { shards: parts.control.running() }), log),
    repeat(DAY, over.signal, async () => void (await db.query('SELECT ensure_observation_partitions()')), log),
  ]
  log.info({ vantage, slots, worker: parts.self.id, queue: parts.queues.backend }, 'worker ready')
  return {
    async stop() {
      over.abort()
      parts.control.shutdown()
      await Promise.all(loops)
      await parts.queues.close()
      await unregister(db, parts.self).catch((err: unknown) => log.warn({ err }, 'not unregistered'))
      await close()
      log.info('worker stopped')
    },
  }
}

function assemble(options: WorkerOptions, controlPlane: readonly string[]): Parts & { close(): Promise<void> } {
  const { databaseUrl, queueUrl, vantage, name, slots, lease, client, connections, log } = options
  const onError = (err: unknown) => log.warn({ err }, 'connection trouble')
  const database = createDb(databaseUrl, { connections: slots * 2 + 6, onError })
  const db = database.pool
  const control = createControl(db, onError)
  const leases = createLeaseKeeper({ databaseUrl, lease, onError })
  return {
    db,
    queues: openQueues(queueUrl, { onError }),
    log,
    self: { id: randomUUID(), name, vantage, slots, addresses: ownAddresses() },
    controlPlane,
    control,
    leases,
    identifier: createIdentifier({ client, connections }),
    lease,
    async close() {
      await control.close()
      await leases.close()
      await database.close()
    },
  }
}

async function handleJob(parts: Parts, { data, id }: Delivery): Promise<void> {
  const parsed = parseJob(data)
  if (!parsed.ok && parsed.why === 'version') {
    parts.log.warn({ job: id }, 'this job is for a worker of another version')
    throw new Postpone(OTHER_VERSION)
  }
  // What nobody can read helps nobody; the reconciler makes a proper one of what it was meant to be.
  if (!parsed.ok) return parts.log.error({ job: id }, 'dropped a malformed job')
  const { job } = parsed
  if (job.name === 'plan') return planScan(parts, job)
  if (job.name === 'finish') return finishScan(parts, job)
  return scanShard(parts, job)
}

/** Until `signal` aborts; a failed round is logged, and the next one tries again. */
async function repeat(period: number, signal: AbortSignal, work: () => Promise<void>, log: Logger): Promise<void> {
  while (!signal.aborted) {
    await work().catch((err: unknown) => log.warn({ err }, 'will try again'))
    await sleep(period, undefined, { signal }).catch(() => {})
  }
}
