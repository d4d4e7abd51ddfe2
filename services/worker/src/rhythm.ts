import { setTimeout as sleep } from 'node:timers/promises'

/** Something done again and again. */
export interface Rhythm {
  /** The next round begins at once, or right after the one under way. */
  hurry(): void
  /** Begins no other round, and waits for the one under way. */
  stop(): Promise<void>
}

/** A round, then `period` milliseconds of rest. A round that fails is reported, and the next one tries again. */
export function createRhythm(period: number, round: () => Promise<unknown>, onError: (error: unknown) => void): Rhythm {
  let over = false
  let rest = new AbortController()
  const run = async () => {
    while (!over) {
      rest = new AbortController()
      await round().catch(onError)
      await sleep(period, undefined, { signal: rest.signal }).catch(() => {})
    }
  }
  const running = run()
  return {
    hurry: () => rest.abort(),
    stop() {
      over = true
      rest.abort()
      return running
    },
  }
}
