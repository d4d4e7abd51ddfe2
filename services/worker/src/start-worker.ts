import { setTimeout as sleep } from 'node:timers/promises'
import { FINISH_QUEUE, PLAN_QUEUE, scanQueue } from '@portolan/core/jobs.ts'
import type { Delivery } from '@portolan/queue/consumer.ts'
import type { Logger } from 'pino'
import { createParts, type WorkerOptions } from './create-parts.ts'
import { handleJob } from './handle-job.ts'
import { reconcile } from './reconcile.ts'
import { capabilitiesOf, heartbeat, register, unregister } from './registration.ts'

export interface RunningWorker {
  /** Stores what the running shards have found, hands them back, and lets go of everything. */
  stop(): Promise<void>
}

/** Milliseconds between two passes of the reconciler. */
const RECONCILE = 1_000
const DAY = 86_400_000

/** Throws when the database or the queue cannot be reached. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { slots, lease, vantage, log } = options
  const parts = await createParts(options)
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

/** Until `signal` aborts; a failed round is logged, and the next one tries again. */
async function repeat(period: number, signal: AbortSignal, work: () => Promise<void>, log: Logger): Promise<void> {
  while (!signal.aborted) {
    await work().catch((err: unknown) => log.warn({ err }, 'will try again'))
    await sleep(period, undefined, { signal }).catch(() => {})
  }
}
