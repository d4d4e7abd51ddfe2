/**
 * Round-trip estimates and the timeouts that follow from them: RFC 6298 with the bounds of a scanner, not of a
 * connection. An estimate is three cells of a Float64Array, so a table of a million hosts is one allocation and no garbage:
 *
 *   [at] smoothed RTT   [at + 1] its mean deviation   [at + 2] number of samples     (milliseconds)
 */

export const RTT_CELLS = 3

export interface TimeoutLimits {
  /** Before anything was measured. */
  readonly initial: number
  readonly min: number
  readonly max: number
}

export const TIMEOUT_LIMITS: TimeoutLimits = { initial: 1000, min: 30, max: 4000 }

/** Limits of a task that waits no longer than `most` ms for any answer; unset: as long as anybody. */
export function timeoutLimits(most: number = TIMEOUT_LIMITS.max): TimeoutLimits {
  const max = Math.max(1, most)
  return { initial: Math.min(max, TIMEOUT_LIMITS.initial), min: Math.min(max, TIMEOUT_LIMITS.min), max }
}

/** An estimate of its own: for a whole group of hosts. */
export function createRtt(): Float64Array {
  return new Float64Array(RTT_CELLS)
}

/** Takes a sample. What is negative, absurdly long or not a number is not one (RFC 6298 section 2 for the rest). */
export function observeRtt(cells: Float64Array, at: number, sample: number): void {
  if (!(sample >= 0 && sample <= 8000)) return
  const samples = cells[at + 2] ?? 0
  if (samples === 0) {
    cells[at] = sample
    cells[at + 1] = sample / 2
  } else {
    const srtt = cells[at] ?? 0
    const deviation = cells[at + 1] ?? 0
    cells[at + 1] = deviation + (Math.abs(sample - srtt) - deviation) / 4
    cells[at] = srtt + (sample - srtt) / 8
  }
  cells[at + 2] = samples + 1
}

/** RTO: how long an answer may take before the question is asked again. */
export function timeoutOf(cells: Float64Array, at: number, limits = TIMEOUT_LIMITS): number {
  if (!((cells[at + 2] ?? 0) > 0)) return limits.initial
  const rto = (cells[at] ?? 0) + Math.max(4 * (cells[at + 1] ?? 0), limits.min / 2)
  return Math.min(limits.max, Math.max(limits.min, rto))
}

/** The host's own timeout once it has answered a few times, never far below its group's; the group's until then. */
export function hostTimeout(hosts: Float64Array, at: number, group: Float64Array, limits = TIMEOUT_LIMITS): number {
  const common = timeoutOf(group, 0, limits)
  const samples = hosts[at + 2] ?? 0
  if (samples === 0) return common
  const own = timeoutOf(hosts, at, limits)
  return samples < 4 ? Math.max(own, common) : own
}
