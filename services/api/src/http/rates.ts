/** Requests per minute and key, as a token bucket: a full minute may come at once, then it is an even flow. */
import type { Response } from 'express'
import type { Caller } from './caller.ts'
import { Problem } from './problem.ts'

export interface Rates {
  /** Counts one request, tells the caller where it stands (RateLimit headers), and throws `rate-limited` above it. */
  count(caller: Caller, response: Response): void
}

const WINDOW_SECONDS = 60
const MOST_BUCKETS = 10_000

/** One API process counts for itself: with n processes behind a balancer a key may get up to n times its limit. */
export function createRates(perMinute: number, now: () => Date): Rates {
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    count({ keyId, rateLimit }, response) {
      if (keyId === null) return
      const quota = rateLimit ?? perMinute
      const perSecond = quota / WINDOW_SECONDS
      const at = now().getTime() / 1000
      if (buckets.size > MOST_BUCKETS) buckets.clear()
      const bucket = buckets.get(keyId) ?? { left: quota, at }
      bucket.left = Math.min(quota, bucket.left + (at - bucket.at) * perSecond)
      bucket.at = at
      buckets.set(keyId, bucket)
      const allowed = bucket.left >= 1
      if (allowed) bucket.left--
      const reset = Math.ceil((quota - bucket.left) / perSecond)
      response.setHeader('RateLimit-Policy', `"key";q=${quota};w=${WINDOW_SECONDS}`)
      response.setHeader('RateLimit', `"key";r=${Math.floor(bucket.left)};t=${reset}`)
      if (allowed) return
      const wait = Math.ceil((1 - bucket.left) / perSecond)
      throw new Problem('rate-limited', `this key may make ${quota} requests a minute`, {
        headers: { 'Retry-After': String(wait) },
      })
    },
  }
}
