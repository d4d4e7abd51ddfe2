/** Longest step believed, ms; nothing here waits longer without looking at the clock. */
const LONGEST = 2000

/**
 * A clock that never goes back and never leaps: after the machine was suspended, or the process stopped, a little time
 * has passed, not all of it, so nothing that was under way is taken for silent because nobody was awake to listen.
 */
export function steadyClock(clock: () => number): () => number {
  let last = clock()
  let time = last
  return () => {
    const now = clock()
    time += Math.min(LONGEST, Math.max(0, now - last))
    last = now
    return time
  }
}
