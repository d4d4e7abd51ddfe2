/** When a silent probe is repeated, and when its silence is believed. Pure functions of what has been seen so far. */

/** Expected number of answering ports that a whole task may miss. */
const TOLERATED_MISSES = 0.01
/** A silent port is asked twice even where nothing was ever lost: one packet proves nothing. */
const MIN_TRIES = 2
export const MAX_TRIES = 12

export interface TryEvidence {
  /** Ports that answer, in this task, as far as can be told: those that will be asked, times the share that answers. */
  readonly answering: number
  /** Chance that a try to one of them is lost, in (0, 1). */
  readonly loss: number
}

/** How many tries a silent port deserves so that fewer than `TOLERATED_MISSES` answering ports are missed in all. */
export function triesWanted({ answering, loss }: TryEvidence): number {
  if (!(answering > TOLERATED_MISSES)) return MIN_TRIES
  const wanted = Math.ceil(Math.log(TOLERATED_MISSES / answering) / Math.log(Math.min(loss, 0.95)) - 1e-9)
  return Math.min(MAX_TRIES, Math.max(MIN_TRIES, wanted))
}

/**
 * Milliseconds to wait for the answer to try number `tries` (1 is the first) before the next one. Longer with every
 * try: what killed the last packets (a burst, a full queue) shall be over. `last`: there is no next try, so this is the
 * time after which silence is believed; being wrong is dear now, waiting is not, hence the floor.
 */
export function waitAfter(tries: number, timeout: number, last: boolean): number {
  const spaced = timeout * Math.min(3, 1 + (tries - 1) / 2)
  return last ? Math.max(spaced, timeout * 2, 120) : spaced
}
