/**
 * Trouble of the scanning machine: how long to pause for it, and when to give up. Pure functions of (state, now).
 *
 * A pause is not a verdict: whatever was under way while the link was gone is asked again.
 */
import type { Remedy } from './errno.ts'

export interface LocalHealth {
  /** No probe goes before this time. */
  pausedUntil: number
  /** When the trouble began, null while all is well. */
  since: number | null
  remedy: Remedy
  /** Rounds of trouble in a row. */
  rounds: number
}

export interface HealthLimits {
  /** Give up when the way out stays gone for this long, ms. */
  readonly link: number
  /** Give up when nothing at all could be sent for this long, ms. */
  readonly pressure: number
}

export const HEALTH_LIMITS: HealthLimits = { link: 5000, pressure: 30_000 }
const LINK_PAUSE = 250
const PRESSURE_PAUSE = 10
const LONGEST_PAUSE = 1000

export function createHealth(): LocalHealth {
  return { pausedUntil: Number.NEGATIVE_INFINITY, since: null, remedy: 'pressure', rounds: 0 }
}

/** Takes note of a failure; false when it is time to give up. */
export function noteFailure(health: LocalHealth, remedy: Remedy, now: number, limits = HEALTH_LIMITS): boolean {
  if (remedy === 'fatal') return false
  if (health.since === null || (health.remedy !== remedy && remedy === 'link')) {
    health.since = now
    health.rounds = 0
    health.remedy = remedy
  }
  if (now - health.since > limits[remedy]) return false
  if (now >= health.pausedUntil) {
    const pause = remedy === 'link' ? LINK_PAUSE : Math.min(LONGEST_PAUSE, PRESSURE_PAUSE * 2 ** health.rounds)
    health.pausedUntil = now + pause
    health.rounds++
  }
  return true
}

/** A probe left. Returns when the trouble now over began, or null when there was none. */
export function noteSuccess(health: LocalHealth): number | null {
  const { since } = health
  health.since = null
  health.rounds = 0
  return since
}
