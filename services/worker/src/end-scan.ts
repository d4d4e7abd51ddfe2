import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import { announce } from './notify/announce.ts'
import { newsOfScan } from './notify/news-of-scan.ts'
import type { Parts } from './parts.ts'

export type ScanEnd = {
  readonly status: 'completed' | 'partial' | 'failed' | 'cancelled'
  readonly reason: string | null
  readonly summary: object | null
}

/** In the caller's transaction, which holds the row of the scan. */
export async function writeEnd(client: pg.ClientBase, scanId: string, { status, reason, summary }: ScanEnd) {
  await client.query(
    `UPDATE scans SET status = $2, status_reason = $3, summary = $4, finished_at = now() WHERE id = $1`,
    [scanId, status, reason, summary === null ? null : JSON.stringify(summary)],
  )
}

/** Tells whoever waits for it, in the transaction that ends the scan. */
export async function tellEnd(client: pg.ClientBase, scanId: string, projectId: string): Promise<void> {
  await announce(client, projectId, await newsOfScan(client, scanId), { batch: scanId, now: Date.now() })
}

/**
 * Ends a scan that cannot go on, when it has one of these statuses and `end` says how; null: it can after all. What
 * cannot be told, because telling is what fails, is left out.
 */
export async function endEarly(
  { db, log }: Pick<Parts, 'db' | 'log'>,
  scanId: string,
  statuses: readonly string[],
  end: (client: pg.ClientBase) => Promise<ScanEnd | null>,
): Promise<void> {
  await transaction(db, async (client) => {
    const { rows } = await client.query<{ project_id: string }>(
      'SELECT project_id FROM scans WHERE id = $1 AND status::text = ANY ($2) FOR UPDATE',
      [scanId, statuses],
    )
    const [row] = rows
    const ended = row === undefined ? null : await end(client)
    if (row === undefined || ended === null) return
    await writeEnd(client, scanId, ended)
    const [told] = await ifPossible(client, () => tellEnd(client, scanId, row.project_id))
    log.warn({ scanId, status: ended.status, reason: ended.reason, err: told }, 'scan ended early')
  })
}

/** The error, or the result: in a transaction that goes on either way. */
export async function ifPossible<T>(
  client: pg.ClientBase,
  work: () => Promise<T>,
): Promise<readonly [error: unknown, result: null] | readonly [error: null, result: T]> {
  await client.query('SAVEPOINT possible')
  try {
    const result = await work()
    await client.query('RELEASE SAVEPOINT possible')
    return [null, result]
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT possible')
    return [error, null]
  }
}
