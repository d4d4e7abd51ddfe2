import { type PortolanJob, parseJob } from '@portolan/core/jobs.ts'
import { type Delivery, Postpone } from '@portolan/queue/consumer.ts'
import { attemptFinish } from './jobs/attempt-finish.ts'
import { planScan } from './jobs/plan-scan.ts'
import { scanShard } from './jobs/scan-shard.ts'
import { hasSuccessor } from './live-workers.ts'
import { nextToPlan } from './next-to-plan.ts'
import type { Parts } from './parts.ts'
import { traceJob } from './trace-job.ts'

/** How long, in milliseconds, what is for a newer worker is left for one. */
const FOR_NEWER = 5_000

/** What comes out of a queue, to whom it belongs. */
export async function handleJob(parts: Parts, { data, id }: Delivery): Promise<void> {
  if (await hasSuccessor(parts)) throw new Postpone(FOR_NEWER)
  const parsed = parseJob(data)
  // What nobody can read, or nobody any more or yet, helps nobody; the reconciler makes a proper one of what it was
  // meant to be.
  if (!parsed.ok) return parts.log.error({ job: id, ...parsed }, 'dropped a job')
  const job = parsed.job.name === 'plan' ? await nextToPlan(parts) : parsed.job
  if (job !== null) await traceJob(parts.tracing, job, () => run(parts, job))
}

function run(parts: Parts, job: PortolanJob): Promise<void> {
  if (job.name === 'plan') return planScan(parts, job)
  return job.name === 'finish' ? attemptFinish(parts, job) : scanShard(parts, job)
}
