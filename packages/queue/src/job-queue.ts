import type { Backend, BareQueue } from './backend.ts'
import type { JobQueue, QueueJob, QueuesOptions } from './queues.ts'

/** The queue's store did not answer. Not a loss: the reconciler enqueues what the tables say is unfinished. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable'
}

export interface OpenQueue extends JobQueue {
  close(): Promise<void>
}

/**
 * So many jobs are added one by one: for a bulk PostgreSQL makes two temporary tables, which takes it as long as eight
 * jobs do (4 ms each here, on a busy machine). In order, because first come is first served.
 */
const FEW = { postgres: 4, redis: 1 } as const

/** Jobs looked at a time; who has put in more is rid of them in the end. */
const MOST_DROPPED = 100

export function openQueue(backend: Backend, name: string, options: Required<QueuesOptions>): OpenQueue {
  const { inTime, close } = openSteadily(backend, name, options)
  return {
    add: (...jobs: readonly QueueJob[]) =>
      inTime(async (queue) => {
        const bulk = jobs.map(toBull)
        if (bulk.length > FEW[backend.kind]) await queue.addBulk(bulk)
        else for (const { name, data, opts } of bulk) await queue.add(name, data, opts)
      }),
    counts: () =>
      inTime(async (queue) => {
        const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed')
        const of = (state: string) => counts[state] ?? 0
        return { waiting: of('wait') + of('prioritized'), active: of('active'), delayed: of('delayed') }
      }),
    waitingSince: () =>
      inTime(async (queue) => {
        const next = await queue.getJobs(['wait', 'prioritized'], 0, 0, true)
        const added = next.flatMap((job) => (job ? [job.timestamp] : []))
        return added.length === 0 ? null : new Date(Math.min(...added))
      }),
    dropPutOff: (ms: number) =>
      inTime(async (queue) => {
        const last = await queue.getJobs(['delayed'], 0, MOST_DROPPED - 1, false)
        const late = last.flatMap((job) => (job?.id !== undefined && job.delay > ms ? [job.id] : []))
        for (const id of late) await removeFrom(queue, id)
        return late.length
      }),
    release: () => inTime(releaseAll),
    remove: (id: string) => inTime((queue) => removeFrom(queue, id)),
    close,
  }
}

/** What BullMQ keeps about a queue as a whole, and how each is undone. */
const HOLDS = {
  paused: (queue: BareQueue) => queue.resume(),
  concurrency: (queue: BareQueue) => queue.removeGlobalConcurrency(),
  max: (queue: BareQueue) => Promise.all([queue.removeGlobalRateLimit(), queue.removeRateLimitKey()]),
} as const

async function releaseAll(queue: BareQueue): Promise<readonly string[]> {
  const meta = new Map<string, unknown>(Object.entries(await queue.getMeta()))
  const held = Object.entries(HOLDS).filter(([hold]) => (meta.get(hold) ?? false) !== false)
  for (const [, undo] of held) await undo(queue)
  return held.map(([hold]) => hold)
}

/** One that is running stays. */
async function removeFrom(queue: BareQueue, id: string): Promise<void> {
  await queue.remove(id).catch((error: Error) => {
    if (!/locked/i.test(error.message)) throw error
  })
}

const toBull = ({ name, id, data, priority, delay }: QueueJob) => ({
  name,
  data,
  opts: {
    jobId: id,
    ...(priority === undefined ? {} : { priority }),
    ...(delay === undefined ? {} : { delay }),
  },
})

/** Asks the queue, within `timeout`, and starts over with a new one where that is the only cure. */
function openSteadily(backend: Backend, name: string, { onError, timeout }: Required<QueuesOptions>) {
  const open = () => {
    const queue = new backend.classes.Queue<object>(name, {
      connection: backend.connection,
      defaultJobOptions: {
        attempts: 3,
        backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
        // A finished job must not stand in the way of one with the same id, and the tables keep the history.
        removeOnComplete: true,
        removeOnFail: true,
      },
    })
    queue.on('error', onError)
    return queue
  }
  let current = open()
  const inTime = async <T>(work: (queue: typeof current) => Promise<T>): Promise<T> => {
    const queue = current
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout)
    try {
      return await Promise.race([work(queue), late])
    } catch (cause) {
      // A queue that was opened while PostgreSQL was down remembers the failure for ever: start over with a new one.
      if (backend.kind === 'postgres' && current === queue) {
        current = open()
        queue.close().catch(onError)
      }
      throw new QueueUnavailable(`the queue ${name} does not answer`, { cause })
    } finally {
      clearTimeout(timer)
    }
  }
  return { inTime, close: () => current.close() }
}
