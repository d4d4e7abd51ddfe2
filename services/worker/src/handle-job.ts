import { type PortolanJob, parseJob } from '@portolan/core/jobs.ts'
import { type Delivery, Postpone } from '@portolan/queue/consumer.ts'
import { confirmFirst } from './confirm/confirm-first.ts'
import { finishScan } from './jobs/finish-scan.ts'
import { planScan } from './jobs/plan-scan.ts'
import { scanShard } from './jobs/scan-shard.ts'
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
  const { job } = parsed
  await traceJob(parts.tracing, job, () => run(parts, job))
}

async function run(parts: Parts, job: PortolanJob): Promise<void> {
  if (job.name === 'plan') return planScan(parts, job)
  if (job.name !== 'finish') return scanShard(parts, job)
  if (!(await confirmFirst(parts, job.scanId))) await finishScan(parts, job)
}
