/** What two scans that end at once remember, and what they find, is written one after the other: a lock held until the transaction ends. */
import type pg from 'pg'

const lock = (key: string) => `pg_advisory_xact_lock(hashtextextended('history ' || ${key}, 0))`

export async function lockHistory(client: pg.ClientBase, projectId: string): Promise<void> {
  await client.query(`SELECT ${lock('$1::text')}`, [projectId])
}

/** Of the project the scan belongs to; a scan that does not exist locks nothing. */
export async function lockHistoryOf(client: pg.ClientBase, scanId: string): Promise<void> {
  await client.query(`SELECT ${lock('project_id')} FROM scans WHERE id = $1`, [scanId])
}
