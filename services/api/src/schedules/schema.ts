/** What a schedule looks like from outside. */
import type { ScanWindows as Windows } from '@portolan/core/exposure/scan-window.ts'
import { isTimeZone } from '@portolan/core/exposure/wall-clock.ts'
import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { id, line, moment } from '../http/text.ts'
import { SCAN_EXAMPLE, SCAN_STATUSES, ScanPlan, ScanRequest, ScanWindows } from '../scans/schema.ts'

const OUTCOMES = ['started', 'waiting', 'skipped'] as const

const name = line({ max: 200 })
const cron = line({ max: 200 })
  .nullable()
  .meta({
    description:
      'Minute, hour, day of month, month, day of week, read on the clock of `timeZone`. Either this or `everySeconds`.',
    examples: ['30 2 * * *', '*/15 * * * 1-5', '@daily'],
  })
const timeZone = line({ max: 64 })
  .refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin')
  .meta({
    description: 'An hour that a clock change skips runs right after it; one that it repeats runs once.',
    examples: ['Europe/Berlin', 'UTC'],
  })
const everySeconds = z
  .int()
  .min(1)
  .max(31_536_000)
  .nullable()
  .meta({ description: 'An interval, counted from when the schedule was made.' })
const jitterSeconds = z.int().min(0).max(86_400).meta({
  description: 'Each run begins up to so many seconds late, so that not all of them begin at once.',
})
const overlap = z.enum(['skip', 'queue']).meta({
  description: 'What becomes of a run that is due while the one before still goes on; one at most waits.',
})
const missed = z.enum(['run-once', 'skip']).meta({
  description: 'What becomes of runs that were due while the service was down: one for all of them, or none.',
})

const nextRuns = z.array(moment).meta({
  description:
    'When the next runs begin; none while it is paused. One that is due outside of `scan.windows` begins when the next window opens, and so does with it all else that is due until then.',
})

export const ScheduleRun = z
  .strictObject({
    id,
    dueAt: moment,
    outcome: z.enum(OUTCOMES),
    reason: z.string().nullable().meta({ description: 'Why it was skipped, waits, or began late.' }),
    scanId: id.nullable(),
    scanStatus: z.enum(SCAN_STATUSES).nullable(),
    createdAt: moment,
  })
  .meta({ id: 'ScheduleRun' })
export type ScheduleRun = z.output<typeof ScheduleRun>

export const Schedule = z
  .strictObject({
    id,
    name,
    scan: ScanRequest,
    cron,
    timeZone,
    everySeconds,
    jitterSeconds,
    overlap,
    missed,
    paused: z.boolean(),
    nextRuns,
    lastRun: ScheduleRun.nullable(),
    keyId: id.nullable().meta({
      description: 'The key it was saved with: its runs are held to what this key may do, and stop when it is revoked.',
    }),
    revision: z.int(),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Schedule' })
export type Schedule = z.output<typeof Schedule>

export const SchedulePage = pageOf(Schedule, 'SchedulePage')
export const ScheduleRunPage = pageOf(ScheduleRun, 'ScheduleRunPage')

export const CreateSchedule = z
  .strictObject({
    name,
    scan: ScanRequest.meta({ description: 'What each run scans: the body of `POST /v1/scans`.' }),
    cron: cron.default(null),
    timeZone: timeZone.default('UTC'),
    everySeconds: everySeconds.default(null),
    jitterSeconds: jitterSeconds.default(0),
    overlap: overlap.default('skip'),
    missed: missed.default('run-once'),
    paused: z.boolean().default(false),
    dryRun: z.boolean().default(false).meta({ description: 'Only say when it would run, and what a run would do.' }),
  })
  .meta({ id: 'CreateSchedule' })
export type CreateSchedule = z.output<typeof CreateSchedule>

export const UpdateSchedule = z
  .strictObject({
    name,
    scan: ScanRequest,
    cron,
    timeZone,
    everySeconds,
    jitterSeconds,
    overlap,
    missed,
  })
  .partial()
  .meta({
    id: 'UpdateSchedule',
    description: 'Fields left out stay as they are. Setting `cron` clears `everySeconds`.',
  })
export type UpdateSchedule = z.output<typeof UpdateSchedule>

export const SchedulePlan = z
  .strictObject({ nextRuns, scan: ScanPlan })
  .meta({ id: 'SchedulePlan', description: 'What a schedule would do.' })

const Windowed = z.object({ windows: ScanWindows.optional() })
/** When the scan of a stored request may run; null: always. */
export const windowsOf = (request: unknown): Windows | null => Windowed.safeParse(request).data?.windows ?? null

export const SchedulePath = z.strictObject({ id })
export const ListSchedules = z.strictObject(paging)
export const ListRuns = z.strictObject(paging)

export const SCHEDULE_EXAMPLE = {
  name: 'every night',
  scan: SCAN_EXAMPLE,
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
  jitterSeconds: 600,
} as const
