import type { PortolanJob } from '@portolan/core/jobs.ts'
import { insideScan, type Tracing } from '@portolan/trace/tracing.ts'

/** A span a job, in the trace of its scan. Without a collector it is only the work. */
export async function traceJob(tracing: Tracing | null, job: PortolanJob, work: () => Promise<void>): Promise<void> {
  if (tracing === null) return work()
  const { name, scanId } = job
  const startedAt = Date.now()
  const record = (failure: string | null) =>
    tracing.record({
      name,
      kind: 'consumer',
      place: insideScan(scanId),
      startedAt,
      endedAt: Date.now(),
      attributes: { 'portolan.scan.id': scanId, ...('shardId' in job && { 'portolan.shard.id': job.shardId }) },
      failure,
    })
  try {
    await work()
    record(null)
  } catch (error) {
    record(error instanceof Error ? error.name : String(error))
    throw error
  }
}
