import { type PortolanJob, parseJob } from '@portolan/core/jobs.ts'
import { type Delivery, Postpone } from '@portolan/queue/consumer.ts'
import { attemptFinish } from './jobs/attempt-finish.ts'
import { planScan } from './jobs/plan-scan.ts'
import { scanShard } from './jobs/scan-shard.ts'
import { nextToPlan } from './next-to-plan.ts'
import type { Parts } from './parts.ts'
import { traceJob } from './trace-job.ts'

/** How long, in milliseconds, a job of another version is left for a worker of that version. */
const OTHER_VERSION = 5_000

/** What comes out of a queue, to whom it belongs. */
export async function handleJob(parts: Parts, { data, id }: Delivery): Promise<void> {
  const parsed = parseJob(data)
  if (!parsed.ok && parsed.why === 'version') {
    parts.log.warn({ job: id }, 'this job is for a worker of another version')
    throw new Postpone(OTHER_VERSION)
  }
  // What nobody can read helps nobody; the reconciler makes a proper one of what it was meant to be.
  if (!parsed.ok) return parts.log.error({ job: id }, 'dropped a malformed job')
  const job = parsed.job.name === 'plan' ? await nextToPlan(parts) : parsed.job
  if (job !== null) await traceJob(parts.tracing, job, () => run(parts, job))
}

function run(parts: Parts, job: PortolanJob): Promise<void> {
  if (job.name === 'plan') return planScan(parts, job)
  return job.name === 'finish' ? attemptFinish(parts, job) : scanShard(parts, job)
}
