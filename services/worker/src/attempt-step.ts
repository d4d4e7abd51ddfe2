/** Planning or finishing a scan, tried so often and no oftener: what always fails must end, and say why. */
import { MOST_ATTEMPTS, reasonOf } from './attempt-shard.ts'
import type { Parts } from './parts.ts'
import { pauseAfter } from './shard-claim.ts'
import { isOutage, untilDone } from './until-done.ts'

export type Step<T> = {
  readonly scanId: string
  /** Of the scans this step is for. */
  readonly statuses: readonly string[]
  /** It rests, so that nobody else begins: we drew it. */
  readonly drawn?: boolean
  work(): Promise<T>
  /** Ends the scan without it. */
  giveUp(reason: string): Promise<void>
}

/** Milliseconds a failure may wait for the database to be written down. */
const PATIENCE = 3_000

/** Counted before it is tried: an attempt may take the whole worker down. Waits for whoever is at it just now. */
const BEGIN = `UPDATE scans SET step_attempts = step_attempts + 1, step_retry_at = CASE WHEN $3 THEN step_retry_at END
  WHERE id = $1 AND status::text = ANY ($2) AND ($3 OR coalesce(step_retry_at <= now(), true))
  RETURNING step_attempts AS attempts, step_error`

/** What went well leaves the next step all of its attempts. */
const WENT_WELL = `UPDATE scans SET step_attempts = 0, step_error = NULL, step_retry_at = NULL
  WHERE id = $1 AND finished_at IS NULL`

/** An outage of the database is not the scan's fault, and not counted. */
const LATER = `UPDATE scans SET step_error = $2, step_attempts = greatest(0, step_attempts - $3::int),
    step_retry_at = now() + ${pauseAfter('step_attempts', '$4')}
  WHERE id = $1 AND finished_at IS NULL`

/**
 * Null: not done, and maybe not to be done at all. Does not throw for what goes wrong in the step; the reconciler has it
 * tried again when its pause is over.
 */
export async function attemptStep<T>(parts: Pick<Parts, 'db' | 'log' | 'lease'>, step: Step<T>): Promise<T | null> {
  const { db, log, lease } = parts
  const { scanId, statuses, drawn = false } = step
  const { rows } = await db.query<{ attempts: number; step_error: string | null }>(BEGIN, [scanId, statuses, drawn])
  const [begun] = rows
  if (begun === undefined) return null
  if (begun.attempts > MOST_ATTEMPTS) {
    const why = begun.step_error ?? 'they took their workers down'
    log.error({ scanId, why }, 'given up')
    await step.giveUp(`given up after ${MOST_ATTEMPTS} attempts: ${why}`)
    return null
  }
  try {
    const result = await step.work()
    await db.query(WENT_WELL, [scanId])
    return result
  } catch (err) {
    log.warn({ err, scanId, attempt: begun.attempts }, 'the scan could not be planned or finished')
    const values = [scanId, reasonOf(err), isOutage(err) ? 1 : 0, lease]
    await untilDone(() => db.query(LATER, values), AbortSignal.timeout(PATIENCE))
    return null
  }
}
