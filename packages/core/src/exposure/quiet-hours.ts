/** When people want to be told: not at night, or once a day. Pure functions of (now, wish). */
import { type ClockTime, minuteOfDay, minutesOf, nextAt, nextShowing } from './wall-clock.ts'

/** Every day from `from` until `to`, over midnight when `to` is the earlier one. */
export type QuietHours = { readonly from: ClockTime; readonly to: ClockTime }

export type TellingTimes = {
  /** IANA name. */
  readonly timeZone: string
  readonly quietHours: QuietHours | null
  /** When the daily digest is due. */
  readonly digestAt: ClockTime
}

/** `now`, or the end of the quiet hours it lies in. Milliseconds since 1970. */
export function afterQuietHours(now: number, { quietHours, timeZone }: Omit<TellingTimes, 'digestAt'>): number {
  if (quietHours === null) return now
  const minute = minuteOfDay(now, timeZone)
  const [from, to] = [minutesOf(quietHours.from), minutesOf(quietHours.to)]
  const quiet = from <= to ? from <= minute && minute < to : from <= minute || minute < to
  return quiet ? nextShowing(now, quietHours.to, timeZone) : now
}

/** When what is known `now` goes into the daily digest. */
export function nextDigest(now: number, times: TellingTimes): number {
  return afterQuietHours(nextAt(now, times.digestAt, times.timeZone), times)
}
