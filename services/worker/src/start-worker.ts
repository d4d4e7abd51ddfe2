import { FINISH_QUEUE, PLAN_QUEUE, scanQueue } from '@portolan/core/jobs.ts'
import type { Delivery } from '@portolan/queue/consumer.ts'
import { startChores } from './chores.ts'
import { createParts, type WorkerOptions } from './create-parts.ts'
import { handleJob } from './handle-job.ts'
import { startNotifier } from './notify/notifier.ts'
import { reconcile } from './reconcile.ts'
import { capabilitiesOf, register, unregister } from './registration.ts'
import { createRhythm } from './rhythm.ts'
import { listenForWishes } from './wishes.ts'

export interface RunningWorker {
  /** Stores what the running shards have found, hands them back, and lets go of everything. */
  stop(): Promise<void>
}

/** Milliseconds between two passes of the reconciler. */
const RECONCILE = 1_000

/** Throws when the database or the queue cannot be reached. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { slots, lease, vantage, log } = options
  const parts = await createParts(options)
  const { db, close } = parts
  try {
    await parts.queues.migrate()
    await register(db, parts.self, options.version, capabilitiesOf(slots))
  } catch (error) {
    await parts.queues.close()
    await close()
    throw error
  }
  const handle = (delivery: Delivery) => handleJob(parts, delivery)
  parts.queues.worker(PLAN_QUEUE, handle, { concurrency: 2, lockDuration: lease * 2 })
  parts.queues.worker(FINISH_QUEUE, handle, { concurrency: 2, lockDuration: lease * 2 })
  parts.queues.worker(scanQueue(vantage), handle, { concurrency: slots, lockDuration: lease * 2 })
  const onError = (err: unknown) => log.warn({ err }, 'will try again')
  const reconciling = createRhythm(RECONCILE, () => reconcile(parts), onError)
  const chores = startChores(parts, onError)
  const notifier = startNotifier(parts, options, onError)
  const wishes = listenForWishes({
    databaseUrl: options.databaseUrl,
    onError,
    onWish() {
      parts.control.hurry()
      reconciling.hurry()
    },
  })
  log.info({ vantage, slots, worker: parts.self.id, queue: parts.queues.backend }, 'worker ready')
  return {
    async stop() {
      parts.control.shutdown()
      await Promise.all([reconciling, ...chores, notifier].map((rhythm) => rhythm?.stop()))
      await wishes.close()
      await parts.queues.close()
      await unregister(db, parts.self).catch((err: unknown) => log.warn({ err }, 'not unregistered'))
      await close()
      log.info('worker stopped')
    },
  }
}
