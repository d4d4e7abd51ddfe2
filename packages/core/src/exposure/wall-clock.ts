/** The clock on the wall of an IANA time zone: from a moment to its reading, and back. Pure; the zones are Node's own. */

/** `HH:MM`, 00:00 to 23:59. */
export type ClockTime = string

export const isClockTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text)

export function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const MINUTE = 60_000
const DAY = 86_400_000

/** What the wall shows, as if it were UTC: milliseconds since 1970 that only the UTC getters of Date may read. */
export function wallTime(at: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** The minute of the day that the wall shows, 0 to 1439. */
export function minuteOfDay(at: number, timeZone: string): number {
  const wall = new Date(wallTime(at, timeZone))
  return wall.getUTCHours() * 60 + wall.getUTCMinutes()
}

export const minutesOf = (time: ClockTime): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/**
 * The first moment after `at` at which the wall shows `time`. On a day that skips it the moment it would have been had
 * the clocks not gone forward; on a day that shows it twice, the first time.
 */
export const nextAt = (at: number, time: ClockTime, timeZone: string): number =>
  nextMoment(at, time, (wall) => momentsOf(wall, timeZone).slice(0, 1), timeZone)

/** The same, but on a day that shows it twice the second time counts as well: for whoever waits in between. */
export const nextShowing = (at: number, time: ClockTime, timeZone: string): number =>
  nextMoment(at, time, (wall) => momentsOf(wall, timeZone), timeZone)

type Moments = (wall: number) => readonly number[]

function nextMoment(at: number, time: ClockTime, moments: Moments, timeZone: string): number {
  const today = Math.floor(wallTime(at, timeZone) / DAY) * DAY
  for (let day = today - DAY; ; day += DAY) {
    const moment = moments(day + minutesOf(time) * MINUTE).find((shown) => shown > at)
    if (moment !== undefined) return moment
  }
}

/** When the wall shows this, soonest first; never empty. */
function momentsOf(wall: number, timeZone: string): readonly number[] {
  const [before = 0, after = 0] = [wall - DAY, wall + DAY].map((at) => wallTime(at, timeZone) - at)
  const exact = [...new Set([wall - before, wall - after])].filter((moment) => wallTime(moment, timeZone) === wall)
  return exact.length > 0 ? exact.sort((a, b) => a - b) : [wall - before]
}
