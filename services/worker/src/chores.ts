/** What every worker does now and then beside its jobs. */

import { FINISH_QUEUE, PLAN_QUEUE, SCHEDULE_QUEUE, scanQueue } from '@portolan/core/jobs.ts'
import { expireRules } from './findings/expire-rules.ts'
import { makeRoom } from './make-room.ts'
import { forgetOldDeliveries } from './notify/outbox.ts'
import type { Parts } from './parts.ts'
import { heartbeat } from './registration.ts'
import { retain } from './retention/retain.ts'
import { createRhythm, type Rhythm } from './rhythm.ts'

/** Milliseconds between two looks at who waits for a place. */
const ROOM = 500
/** Milliseconds between two looks at what has expired. */
const EXPIRY = 5_000
const MINUTE = 60_000
const DAY = 86_400_000

/** What nobody renews any more, and nobody else clears away. */
const FORGET = `
  WITH gone AS (DELETE FROM workers WHERE heartbeat_at < now() - interval '1 hour'),
    idle AS (DELETE FROM rate_limits WHERE free_at < now() - interval '1 hour')
  DELETE FROM rate_shares WHERE expires_at < now()`

/**
 * Nothing of ours is put off by as much as a minute. What is has been put there by hand, and may bear the name of a job
 * that would else be added again. Nor do we ever pause a queue or limit it.
 */
async function clearQueues({ queues, self, log }: Parts): Promise<void> {
  for (const name of [PLAN_QUEUE, FINISH_QUEUE, SCHEDULE_QUEUE, scanQueue(self.vantage)]) {
    const queue = queues.queue(name)
    const held = await queue.release()
    if (held.length > 0) log.warn({ queue: name, held }, 'a queue that was held up goes on')
    const dropped = await queue.dropPutOff(MINUTE)
    if (dropped > 0) log.warn({ queue: name, jobs: dropped }, 'dropped jobs that were put off for too long')
  }
}

export function startChores(parts: Parts, onError: (error: unknown) => void): readonly Rhythm[] {
  const { db, lease } = parts
  return [
    createRhythm(ROOM, () => makeRoom(parts), onError),
    createRhythm(lease / 3, async () => parts.identifier.shareHosts(await heartbeat(parts, loadOf(parts))), onError),
    createRhythm(EXPIRY, () => expireRules(db), onError),
    createRhythm(lease, () => clearQueues(parts), onError),
    createRhythm(MINUTE, () => db.query(FORGET), onError),
    createRhythm(DAY, () => db.query('SELECT ensure_observation_partitions()'), onError),
    createRhythm(DAY, () => retain(parts, new Date()), onError),
    createRhythm(DAY, () => forgetOldDeliveries(db), onError),
  ]
}

const loadOf = ({ control, tally }: Parts) => ({ shards: control.running(), ...tally.totals() })
