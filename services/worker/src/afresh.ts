import type { JobToAdd } from '@portolan/core/jobs.ts'

/** Leases after which a job that has been asked for all the while gets another name. */
const USUAL = 4

/**
 * The job, under another name every few leases: who has taken the one of before and neither ends nor lets go of it, or
 * keeps its name some other way, has no more than that one. Twice the same job does no harm.
 */
export function afresh(job: JobToAdd, lease: number, leases = USUAL): JobToAdd {
  return { ...job, id: `${job.id}-t${Math.floor(Date.now() / (lease * leases))}` }
}
