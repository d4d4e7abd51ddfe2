import { setTimeout as sleep } from 'node:timers/promises'
import type { JobQueue, QueueJob, Queues } from '@portolan/queue/queues.ts'
import type { Logger } from 'pino'

/** Hands jobs to the queue behind the answers: what the tables say is the truth, the queue only makes it quick. */
export interface JobFeed {
  /** Never fails and never waits; a queue that is away gets its jobs later, from the workers' reconciler. */
  add(queue: string, job: QueueJob): void
  /** Resolves when everything has been handed over, or given up. */
  close(): Promise<void>
}

/** Milliseconds between two batches: a batch costs the database much the same, however many jobs are in it. */
const PAUSE = 20

/** The first job goes at once; those that come while a batch is under way, or just after, go into the next one. */
export function createJobFeed(queues: Queues, log: Logger): JobFeed {
  const waiting = new Map<string, QueueJob[]>()
  const running = new Map<string, Promise<void>>()
  const run = async (name: string, queue: JobQueue) => {
    for (let jobs = waiting.get(name); jobs !== undefined; jobs = waiting.get(name)) {
      waiting.delete(name)
      try {
        await queue.add(...jobs)
      } catch (err) {
        log.warn({ err, queue: name, jobs: jobs.length }, 'jobs not enqueued; the reconciler will')
      }
      await sleep(PAUSE)
    }
    running.delete(name)
  }
  return {
    add(name, job) {
      const jobs = waiting.get(name)
      if (jobs) jobs.push(job)
      else waiting.set(name, [job])
      if (!running.has(name)) running.set(name, run(name, queues.queue(name)))
    },
    async close() {
      await Promise.all(running.values())
    },
  }
}
