/**
 * A token bucket: the one notion of "how many may go now" behind every limit. Pure: time is an argument (milliseconds
 * of any monotonic clock), nothing here reads a clock or waits.
 */
import assert from 'node:assert'

export interface TokenBucket {
  /** Tokens a second. */
  rate: number
  /** The most that can be saved up. Whatever the clock does, no more than this goes at once. */
  capacity: number
  tokens: number
  /** When `tokens` was true. */
  at: number
}

export function createBucket(rate: number, capacity: number, now: number, tokens = 0): TokenBucket {
  assert(rate > 0 && capacity >= 1)
  return { rate, capacity, tokens: Math.min(tokens, capacity), at: now }
}

/** Brings the bucket to `now`; returns the whole tokens in it. A clock that goes back gives nothing and takes nothing. */
export function refill(bucket: TokenBucket, now: number): number {
  if (now > bucket.at) {
    bucket.tokens = Math.min(bucket.capacity, bucket.tokens + ((now - bucket.at) * bucket.rate) / 1000)
    bucket.at = now
  } else if (now < bucket.at) bucket.at = now
  // The sum of many small fractions may fall a hair short of a whole token.
  return Math.floor(bucket.tokens + 1e-6)
}

/** Takes `count` tokens. The balance may go below zero: a debt that later time pays. */
export function spend(bucket: TokenBucket, count: number): void {
  bucket.tokens -= count
}

/** Milliseconds from `bucket.at` until `count` tokens are there; 0 when they already are. */
export function waitFor(bucket: TokenBucket, count = 1): number {
  return Math.max(0, ((Math.min(count, bucket.capacity) - bucket.tokens) * 1000) / bucket.rate)
}
