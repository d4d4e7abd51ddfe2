import type pg from 'pg'

/** What two scans that end at once remember, and what they find, is written one after the other: held until the transaction ends. */
export async function lockHistory(client: pg.ClientBase, projectId: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`history ${projectId}`])
}
