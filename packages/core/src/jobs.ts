/**
 * What API and workers say to each other through the queue: queue names, job names, payloads. A payload only points at
 * rows; PostgreSQL is the truth, and every job may be delivered again, late, or to a worker that finds nothing to do.
 */

/** Goes up when an old worker must not run a new job, or the other way round. A worker refuses every other version. */
export const JOB_VERSION = 1

export const PLAN_QUEUE = 'portolan-plan'
export const FINISH_QUEUE = 'portolan-finish'

/** One queue per vantage: only workers that stand there take its shards. */
export const scanQueue = (vantage: string): string => `portolan-scan-${vantage}`

/** Lower case, 1..63 of letters, digits, `-` and `_`: what a vantage may be called, so that it fits a queue name. */
export const isVantageName = (name: string): boolean => /^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)

export const DEFAULT_VANTAGE = 'default'

/** Cut the scan into shards. */
export type PlanScan = { readonly name: 'plan'; readonly v: number; readonly scanId: string }
/** Probe one shard. `shardId` is a decimal bigint. */
export type ScanShard = {
  readonly name: 'scan-shard'
  readonly v: number
  readonly scanId: string
  readonly shardId: string
}
/** Every shard has ended: sum up and close the scan. */
export type FinishScan = { readonly name: 'finish'; readonly v: number; readonly scanId: string }
export type PortolanJob = PlanScan | ScanShard | FinishScan

/** A schedule is due, or a run of it that waits may begin: taken by the API, which is where scans are started. */
export const SCHEDULE_QUEUE = 'portolan-schedule'
export type RunSchedule = { readonly name: 'run-schedule'; readonly v: number; readonly scheduleId: string }

/** What the queue kit takes: an id makes adding the same job twice the same as adding it once. */
export type JobToAdd = { readonly name: string; readonly id: string; readonly data: PortolanJob }

export const planJob = (scanId: string): JobToAdd => ({
  name: 'plan',
  id: `plan-${scanId}`,
  data: { name: 'plan', v: JOB_VERSION, scanId },
})

/**
 * The epoch is part of the id: a shard handed back and enqueued again is a new job even while the queue still holds
 * the old one, and enqueuing a shard nobody has claimed since changes nothing.
 */
export const shardJob = (scanId: string, shardId: string, epoch: number): JobToAdd => ({
  name: 'scan-shard',
  id: `shard-${shardId}-${epoch}`,
  data: { name: 'scan-shard', v: JOB_VERSION, scanId, shardId },
})

export const finishJob = (scanId: string): JobToAdd => ({
  name: 'finish',
  id: `finish-${scanId}`,
  data: { name: 'finish', v: JOB_VERSION, scanId },
})

/** `why` tells apart what may be due at the same time; a delay in milliseconds delivers it when it is. */
export const scheduleJob = (scheduleId: string, why: string, delay = 0) => ({
  name: 'run-schedule',
  id: `schedule-${scheduleId}-${why}`,
  data: { name: 'run-schedule', v: JOB_VERSION, scheduleId } satisfies RunSchedule,
  delay,
})

/** Null for what is none, or is for another version. */
export function parseScheduleJob(data: unknown): RunSchedule | null {
  if (typeof data !== 'object' || data === null) return null
  const { name, v, scheduleId }: Readonly<Record<string, unknown>> = { ...data }
  if (name !== 'run-schedule' || v !== JOB_VERSION || typeof scheduleId !== 'string' || !UUID.test(scheduleId))
    return null
  return { name, v, scheduleId }
}

/** The job, or why this worker must not touch it. The queue is not trusted: anybody who reaches it can write to it. */
export type ParsedJob =
  | { readonly ok: true; readonly job: PortolanJob }
  | { readonly ok: false; readonly why: 'version'; readonly v: number }
  | { readonly ok: false; readonly why: 'malformed' }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const SHARD_ID = /^[1-9][0-9]{0,18}$/

const MALFORMED: ParsedJob = { ok: false, why: 'malformed' }

export function parseJob(data: unknown): ParsedJob {
  if (typeof data !== 'object' || data === null) return MALFORMED
  const { name, v, scanId, shardId }: Readonly<Record<string, unknown>> = { ...data }
  if (typeof v !== 'number' || !Number.isInteger(v)) return MALFORMED
  if (v !== JOB_VERSION) return { ok: false, why: 'version', v }
  if (typeof scanId !== 'string' || !UUID.test(scanId)) return MALFORMED
  if (name === 'plan' || name === 'finish') return { ok: true, job: { name, v, scanId } }
  if (name !== 'scan-shard' || typeof shardId !== 'string' || !SHARD_ID.test(shardId)) return MALFORMED
  return { ok: true, job: { name, v, scanId, shardId } }
}
