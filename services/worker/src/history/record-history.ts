/**
 * What a finished scan adds to memory: `endpoints` as they are now, and what changed. Runs in the transaction that
 * finishes the scan. Doing it again changes nothing: only what was seen later than what is remembered counts, and a
 * change is unique per scan, endpoint and kind.
 */
import type pg from 'pg'
import { rememberOpen } from './remember-open.ts'
import { renewUnchanged } from './renew-unchanged.ts'
import { tellClosed } from './tell-closed.ts'
import { tellOpened } from './tell-opened.ts'

export async function recordHistory(client: pg.ClientBase, scanId: string, projectId: string): Promise<void> {
  if ((await renewUnchanged(client, scanId, projectId)) > 0) await recordNew(client, scanId, projectId)
  await tellClosed(client, scanId)
}

/** The same of a scan that has missed nothing, after what is unchanged has been renewed and something was left. */
export async function recordNew(client: pg.ClientBase, scanId: string, projectId: string): Promise<void> {
  const fresh = await rememberOpen(client, scanId, projectId)
  await tellOpened(client, scanId, fresh)
}
