/**
 * Notices that a scan which was getting answers suddenly gets none: a cable pulled, a route gone, a firewall that has
 * had enough. Then the silence of the last probes is no evidence yet: pause, ask those again, and believe the silence
 * only when it lasts. Pure functions of (state, now).
 */

export interface HitRate {
  /** Share of tries answered, a running mean over the last hundred or so. */
  share: number
  /** Tries silent in a row, and when the first of them was sent. */
  silent: number
  silentSince: number
  /** Pauses made for the collapse that goes on. */
  pauses: number
}

/** A run of silence this improbable, given the share before it, is no chance. */
const IMPROBABLE = 1e-9
const FEWEST = 8
const PAUSES = [500, 1000, 2000]

export function createHitRate(): HitRate {
  return { share: 0, silent: 0, silentSince: 0, pauses: 0 }
}

export function noteHit(rate: HitRate): void {
  rate.share += (1 - rate.share) / 128
  rate.silent = 0
  rate.pauses = 0
}

/** One try, sent at `sentAt`, stayed silent. */
export function noteMiss(rate: HitRate, sentAt: number): void {
  if (rate.silent === 0) rate.silentSince = sentAt
  rate.silent++
  // The mean stands still during a run: what is judged is the run against what was before it.
  if (rate.silent < FEWEST || rate.pauses >= PAUSES.length) rate.share -= rate.share / 128
}

/**
 * Milliseconds to pause, or 0. After the last pause the silence is the truth: the target, or somebody before it, has
 * closed up.
 */
export function collapsePause(rate: HitRate): number {
  if (rate.silent < FEWEST || (1 - rate.share) ** rate.silent > IMPROBABLE) return 0
  const pause = PAUSES[rate.pauses] ?? 0
  if (pause > 0) rate.silent = 0
  rate.pauses++
  return pause
}
