/**
 * What a finished scan adds to memory: `endpoints` as they are now, and what changed. Runs in the transaction that
 * finishes the scan. Doing it again changes nothing: only what was seen later than what is remembered counts, and a
 * change is unique per scan, endpoint and kind.
 */
import type pg from 'pg'
import { rememberOpen } from './remember-open.ts'
import { tellClosed } from './tell-closed.ts'
import { tellOpened } from './tell-opened.ts'

export async function recordHistory(client: pg.ClientBase, scanId: string, projectId: string): Promise<void> {
  // Two scans that end at once are remembered one after the other.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`history ${projectId}`])
  const fresh = await rememberOpen(client, scanId, projectId)
  await tellOpened(client, scanId, fresh)
  await tellClosed(client, scanId)
}
