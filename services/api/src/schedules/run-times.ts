/**
 * When a schedule runs: cron read on the wall clock of an IANA time zone, or an interval counted from when the schedule
 * was made. An hour that a clock change skips runs right after it, an hour that it repeats runs once (but `* * * * *`
 * and `0 * * * *` go on through both). A run that would begin outside of the windows of its scan begins when the next one
 * opens, and what else is due until then is one with it. Pure functions of (schedule, moment).
 */
import { createHash } from 'node:crypto'
import { isOpen, nextOpening, type ScanWindows } from '@portolan/core/exposure/scan-window.ts'
import { CronExpressionParser } from 'cron-parser'

export type Timing = {
  readonly id: string
  readonly cron: string | null
  /** IANA name; for cron. */
  readonly timeZone: string
  readonly everySeconds: number | null
  /** A run begins up to so many seconds after it is due: each by its own share, the same whoever reckons it. */
  readonly jitterSeconds: number
  /** When its scan may run; null: always. */
  readonly windows: ScanWindows | null
  /** What an interval is counted from. */
  readonly createdAt: Date
}

export type RunTime = {
  /** By the schedule's own rule. */
  readonly due: Date
  /** With jitter, and inside the windows. */
  readonly at: Date
}

/** Five fields, or one of the usual names for them. */
const CRON = /^(@(yearly|annually|monthly|weekly|daily|hourly)|[\d*,/\-?LA-Z#]+( [\d*,/\-?LA-Z#]+){4})$/i

/** What is wrong with a cron expression, in words; null when nothing is. */
export function flawOfCron(cron: string, timeZone: string): string | null {
  if (!CRON.test(cron)) return 'must have five fields: minute, hour, day of month, month, day of week'
  try {
    CronExpressionParser.parse(cron, { tz: timeZone }).next()
    return null
  } catch (error) {
    return `is not understood: ${error instanceof Error ? error.message : 'unknown reason'}`.slice(0, 300)
  }
}

/** What is wrong with the jitter: a run must begin before the next one is due. */
export function flawOfJitter(timing: Timing, from: Date): string | null {
  const dues = [...take(duesAfter(timing, from), 10)]
  const gaps = dues.slice(1).map((due, i) => (due.getTime() - (dues[i]?.getTime() ?? 0)) / 1000)
  const gap = Math.min(...gaps, timing.everySeconds ?? Number.POSITIVE_INFINITY)
  return timing.jitterSeconds < gap ? null : `must be less than the ${gap} seconds between two runs`
}

/** The next runs that begin after `from`, soonest first; fewer when there are no more. */
export const runsAfter = (timing: Timing, from: Date, count: number): RunTime[] => [
  ...take(runsFrom(timing, from), count),
]

function* runsFrom(timing: Timing, from: Date): Generator<RunTime> {
  let after: Date | null = from
  while (after !== null) {
    const last: Date = after
    after = null
    for (const due of duesAfter(timing, new Date(last.getTime() - timing.jitterSeconds * 1000 - 1))) {
      const planned = new Date(due.getTime() + jitterOf(timing, due))
      if (planned <= last) continue
      const at = insideWindows(timing, planned)
      if (at === null) return
      yield { due, at }
      if (at <= planned) continue
      // It waits for its windows: on with what is due after that, and not through all that is due until then.
      after = at
      break
    }
  }
}

/** `at` itself, or soon after the next window opens; null when none does. */
function insideWindows(timing: Timing, at: Date): Date | null {
  const { windows } = timing
  if (windows === null || isOpen(windows, at)) return at
  const opening = nextOpening(windows, at)
  if (opening === null) return null
  const late = new Date(opening.getTime() + jitterOf(timing, opening))
  return isOpen(windows, late) ? late : opening
}

function* duesAfter({ cron, timeZone, everySeconds, createdAt }: Timing, from: Date): Generator<Date> {
  if (cron === null) {
    const step = (everySeconds ?? 0) * 1000
    if (step <= 0) return
    const passed = Math.max(0, Math.floor((from.getTime() - createdAt.getTime()) / step))
    for (let n = passed + 1; ; n++) yield new Date(createdAt.getTime() + n * step)
  }
  const runs = CronExpressionParser.parse(cron, { tz: timeZone, currentDate: from })
  while (runs.hasNext()) yield runs.next().toDate()
}

/** Milliseconds, 0 up to the jitter. */
function jitterOf({ id, jitterSeconds }: Timing, due: Date): number {
  if (jitterSeconds === 0) return 0
  const hash = createHash('sha256').update(`${id} ${due.getTime()}`).digest()
  return Math.floor((hash.readUInt32BE(0) / 2 ** 32) * jitterSeconds * 1000)
}

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count
  for (const item of items) {
    yield item
    if (--left <= 0) return
  }
}
