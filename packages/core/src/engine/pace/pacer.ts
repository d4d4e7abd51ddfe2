/**
 * An even stream of packets at a given rate, whatever the scheduler does to the sender. Two buckets, the emptier rules:
 *
 * - `peak` holds 1.5 ms worth (and one, or waking late would cost a packet each time) and fills 13 % faster than asked: no 10 ms ever carries a burst;
 * - `mean` fills exactly as asked and remembers up to 250 ms: time lost to a busy machine is caught up, slowly, so the
 *   average stays what was asked; time lost to a suspended machine is not.
 */
import { createBucket, refill, spend, type TokenBucket, waitFor } from './token-bucket.ts'

const PEAK_HEADROOM = 1.13
const PEAK_MS = 1.5
const MEMORY_MS = 250

export interface Pacer {
  readonly peak: TokenBucket
  readonly mean: TokenBucket
}

/** `rate` is packets a second, above 0. The first packet may go at once. */
export function createPacer(rate: number, now: number): Pacer {
  const peak = createBucket(rate * PEAK_HEADROOM, 1 + (rate * PEAK_MS) / 1000, now, 1)
  const mean = createBucket(rate, 1 + (rate * MEMORY_MS) / 1000, now, 1)
  return { peak, mean }
}

/** Changes the rate from now on; what was saved up at the old rate is cut to what the new one may hold. */
export function setRate(pacer: Pacer, rate: number, now: number): void {
  if (pacer.mean.rate === rate) return
  permits(pacer, now)
  const next = createPacer(rate, now)
  for (const key of ['peak', 'mean'] as const) {
    const tokens = Math.min(pacer[key].tokens, next[key].capacity)
    Object.assign(pacer[key], next[key], { tokens })
  }
}

/** How many packets may go now. */
export function permits(pacer: Pacer, now: number): number {
  return Math.max(0, Math.min(refill(pacer.peak, now), refill(pacer.mean, now)))
}

export function sent(pacer: Pacer, count: number): void {
  spend(pacer.peak, count)
  spend(pacer.mean, count)
}

/** Milliseconds until the next packet may go. */
export function pause(pacer: Pacer): number {
  return Math.max(waitFor(pacer.peak), waitFor(pacer.mean))
}
