/**
 * When a scan may run: ranges of the day, in the local time of a place, on some or all days of the week. Outside of them
 * it waits, and goes on in the next.
 */

import { minutesOf, nextShowing, wallTime } from './wall-clock.ts'

const FORTNIGHT = 14 * 86_400_000

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export type ScanWindow = {
  /** On which days it begins; unset: every day. */
  readonly days?: readonly Weekday[] | undefined
  /** `HH:MM`; begins with that minute. */
  readonly from: string
  /** `HH:MM`; ends before that minute; not after `from`: on the next day. `24:00` is midnight. */
  readonly to: string
}

export type ScanWindows = {
  /** IANA time zone. */
  readonly zone: string
  readonly ranges: readonly ScanWindow[]
}

/** Whether a scan with these windows may run at `at`. */
export function isOpen({ zone, ranges }: ScanWindows, at: Date): boolean {
  const wall = new Date(wallTime(at.getTime(), zone))
  const [day, minute] = [(wall.getUTCDay() + 6) % 7, wall.getUTCHours() * 60 + wall.getUTCMinutes()]
  return ranges.some(({ days, from, to }) => {
    const [begin, end] = [minutesOf(from), minutesOf(to)]
    const on = (weekday: number) => days === undefined || days.some((name) => WEEKDAYS.indexOf(name) === weekday)
    if (begin < end) return on(day) && begin <= minute && minute < end
    return (on(day) && minute >= begin) || (on((day + 6) % 7) && minute < end)
  })
}

/** When it may run next: `at` where it may now; null when no window begins within a fortnight. */
export function nextOpening(windows: ScanWindows, at: Date): Date | null {
  if (isOpen(windows, at)) return at
  const { zone, ranges } = windows
  for (let moment = at.getTime(); moment < at.getTime() + FORTNIGHT; ) {
    moment = Math.min(...ranges.map(({ from }) => nextShowing(moment, from, zone)))
    if (isOpen(windows, new Date(moment))) return new Date(moment)
  }
  return null
}

/** In words, why a scan does not run outside of its windows. */
export function describeWait(windows: ScanWindows | undefined, at: Date): string {
  const next = windows === undefined ? null : nextOpening(windows, at)
  return `outside its windows; ${next === null ? 'none opens' : `goes on at ${next.toISOString().slice(0, 16)}Z`}`
}
