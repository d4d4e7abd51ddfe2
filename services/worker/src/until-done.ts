import { setTimeout as sleep } from 'node:timers/promises'
import { transaction } from '@portolan/db/transaction.ts'
import pg from 'pg'
import { LeaseLost } from './shard-claim.ts'

/**
 * SQLSTATE classes that say "not now": connection, transaction rollback, resources, operator; and 25P03, the end of a
 * transaction in whose middle we paused too long.
 */
const NOT_NOW = /^(?:08|40|53|57|25P03)/

/** Whether the same statement may well succeed in a moment: the network or the server failed, not what we asked. */
export const isTransient = (error: unknown): boolean =>
  error instanceof pg.DatabaseError ? NOT_NOW.test(error.code ?? '') : error instanceof Error && !isFinal(error)

/** The same where there is no doubt: PostgreSQL or the queue was away, or went. A statement that takes too long is none. */
export function isOutage(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return NOT_NOW.test(error.code ?? '') && error.code !== '57014'
  if (!(error instanceof Error)) return false
  return (
    error.name === 'QueueUnavailable' ||
    'syscall' in error ||
    /^Connection |trying to connect|connection error/.test(error.message)
  )
}

/** Nothing that passes: what was asked is wrong, or no longer ours to ask. */
const isFinal = (error: Error) =>
  error instanceof LeaseLost || error instanceof TypeError || error instanceof RangeError || 'generatedMessage' in error

/**
 * Does `work` until PostgreSQL is there to do it, however long a restart takes; `work` must be idempotent, for the
 * answer to a commit may be what was lost. Gives up when `signal` aborts.
 */
export async function untilDone<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let delay = 50; ; delay = Math.min(delay * 2, 1_000)) {
    try {
      return await work()
    } catch (error) {
      if (!isTransient(error) || signal.aborted) throw error
      await sleep(delay, undefined, { signal }).catch(() => {})
    }
  }
}

/** The same for a transaction. */
export const untilCommitted = <T>(
  db: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  signal: AbortSignal,
): Promise<T> => untilDone(() => transaction(db, work), signal)
