const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Milliseconds from one attempt to the next: quickly at first, then for a day. */
const PAUSES: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  8 * HOUR,
]

/**
 * Milliseconds until the attempt after attempt number `attempts` (1 and up); null when a day has been enough. `asked`:
 * what the receiver asked for (Retry-After), in milliseconds; obeyed up to an hour. `chance` in [0, 1) spreads those
 * who failed together by a fifth.
 */
export function pauseAfter(attempts: number, { asked = 0, chance }: { asked?: number; chance: number }): number | null {
  const pause = PAUSES[attempts - 1]
  if (pause === undefined) return null
  return Math.max(Math.round(pause * (1 + chance / 5)), Math.min(asked, HOUR))
}
