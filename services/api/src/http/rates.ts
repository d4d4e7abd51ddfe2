/**
 * Requests per minute and key, as a token bucket: a full minute may come at once, then it is an even flow. All API
 * processes draw on one bucket in the database. Each takes a hundredth of it at a time and spends that by itself, so a
 * busy key costs a question now and then, and a key never gets more than its limit however many processes there are.
 */
import type { Response } from 'express'
import type { Pool } from 'pg'
import type { Caller } from './caller.ts'
import { Problem } from './problem.ts'

export interface Rates {
  /** Counts one request, tells the caller where it stands (RateLimit headers), and throws `rate-limited` above it. */
  count(caller: Caller, response: Response): Promise<void>
}

const WINDOW_SECONDS = 60
/** Parts a bucket is taken in. */
const PARTS = 100
const MOST_BUCKETS = 10_000

interface Bucket {
  readonly quota: number
  /** Taken and not spent. */
  tokens: number
  /** Left in the database at the moment of the last look (milliseconds of the process's own clock). */
  remaining: number
  at: number
  /** No use to look again before. */
  closedUntil: number
  looking: Promise<void> | null
}

const TAKE = {
  name: 'take-requests',
  text: 'SELECT granted, remaining, wait_s FROM take_requests($1, $2, $3)',
}

export function createRates(pool: Pool, perMinute: number): Rates {
  const buckets = new Map<string, Bucket>()
  return {
    async count({ keyId, rateLimit }, response) {
      if (keyId === null) return
      const bucket = bucketOf(buckets, keyId, rateLimit ?? perMinute)
      while (bucket.tokens < 1 && performance.now() >= bucket.closedUntil) {
        bucket.looking ??= take(pool, keyId, bucket).finally(() => {
          bucket.looking = null
        })
        await bucket.looking
      }
      const allowed = bucket.tokens >= 1
      if (allowed) bucket.tokens--
      tell(bucket, response)
      if (allowed) return
      const wait = Math.max(1, Math.ceil((bucket.closedUntil - performance.now()) / 1000))
      throw new Problem('rate-limited', `this key may make ${bucket.quota} requests a minute`, {
        headers: { 'Retry-After': String(wait) },
      })
    },
  }
}

function bucketOf(buckets: Map<string, Bucket>, keyId: string, quota: number): Bucket {
  const known = buckets.get(keyId)
  if (known?.quota === quota) return known
  if (buckets.size > MOST_BUCKETS) buckets.clear()
  const bucket = { quota, tokens: 0, remaining: quota, at: 0, closedUntil: 0, looking: null }
  buckets.set(keyId, bucket)
  return bucket
}

async function take(pool: Pool, keyId: string, bucket: Bucket): Promise<void> {
  const { quota } = bucket
  const values = [`key ${keyId}`, Math.ceil(quota / PARTS), quota]
  const { rows } = await pool.query<{ granted: number; remaining: number; wait_s: number }>({ ...TAKE, values })
  const { granted = 0, remaining = 0, wait_s = WINDOW_SECONDS } = rows[0] ?? {}
  bucket.tokens += granted
  bucket.remaining = remaining
  bucket.at = performance.now()
  bucket.closedUntil = granted > 0 ? 0 : bucket.at + wait_s * 1000
}

function tell({ quota, tokens, remaining, at }: Bucket, response: Response): void {
  const perSecond = quota / WINDOW_SECONDS
  const left = Math.min(quota, tokens + remaining + ((performance.now() - at) / 1000) * perSecond)
  response.setHeader('RateLimit-Policy', `"key";q=${quota};w=${WINDOW_SECONDS}`)
  response.setHeader('RateLimit', `"key";r=${Math.floor(left + 0.001)};t=${Math.ceil((quota - left) / perSecond)}`)
}
