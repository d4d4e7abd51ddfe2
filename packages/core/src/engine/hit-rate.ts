/**
 * Notices that a scan which was getting answers suddenly gets none: a cable pulled, a route gone, a firewall that has
 * had enough. Then the silence of the last probes is no evidence yet: pause, ask those again, and believe the silence
 * only when it lasts. Pure functions of (state, now).
 */

export interface HitRate {
  /** Tries silent in a row, and when the first of them was sent. */
  silent: number
  silentSince: number
  /** Pauses made for the collapse that goes on. */
  pauses: number
}

/** Where fewer are answered, even long runs of silence are everyday. */
const LEAST_SHARE = 0.05
/** A run of silence this improbable, given the share answered before, is no chance. */
const IMPROBABLE = 1e-9
const FEWEST = 8
const PAUSES = [500, 1000, 2000]

export function createHitRate(): HitRate {
  return { silent: 0, silentSince: 0, pauses: 0 }
}

export function noteHit(rate: HitRate): void {
  rate.silent = 0
  rate.pauses = 0
}

/** One try, sent at `sentAt`, stayed silent. */
export function noteMiss(rate: HitRate, sentAt: number): void {
  if (rate.silent === 0) rate.silentSince = sentAt
  rate.silent++
}

/**
 * Milliseconds to pause, or 0. `share`: of all tries sent so far, those answered (tries still under way make it smaller
 * than it is, which errs on the side of going on). After the last pause the silence is the truth: the target, or
 * somebody before it, has closed up.
 */
export function collapsePause(rate: HitRate, share: number): number {
  if (rate.silent < FEWEST || share < LEAST_SHARE || (1 - share) ** rate.silent > IMPROBABLE) return 0
  const pause = PAUSES[rate.pauses] ?? 0
  if (pause > 0) rate.silent = 0
  rate.pauses++
  return pause
}
