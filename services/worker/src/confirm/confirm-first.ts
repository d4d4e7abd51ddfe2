import type pg from 'pg'
import { renewUnchanged } from '../history/renew-unchanged.ts'
import { CONFIRMATION, insertShards, type NewShard } from '../new-shards.ts'
import { byFirstLooker, type Doubts } from './first-looker.ts'
import { type Suspect, suspectedClosed, suspectsOf } from './suspects.ts'

/** What a scan says of what is remembered. */
export type FirstLook = {
  /** Open ports that are something else than what is remembered, or new. */
  readonly left: number
  readonly suspects: readonly Suspect[]
}

/** Done, but for a second look: all of its shards have ended, and none of them was that look. */
const READY = `
  SELECT project_id FROM scans WHERE id = $1 AND status = 'running' AND wanted = 'run'
    AND NOT EXISTS (SELECT FROM shards WHERE scan_id = $1
      AND (state IN ('pending', 'claimed') OR ordinal <= ${CONFIRMATION}))`

/** Null: it is not ready. */
async function projectOf(client: pg.ClientBase, scanId: string): Promise<string | null> {
  const { rows } = await client.query<{ project_id: string }>(READY, [scanId])
  return rows[0]?.project_id ?? null
}

/** Renews what is as it was, and says what is not. Null: the scan is not ready for it. For whoever holds the history's lock. */
export async function firstLook(client: pg.ClientBase, scanId: string): Promise<FirstLook | null> {
  const projectId = await projectOf(client, scanId)
  if (projectId === null) return null
  const left = await renewUnchanged(client, scanId, projectId)
  return { left, suspects: await (left === 0 ? suspectedClosed(client, scanId) : suspectsOf(client, scanId)) }
}

/**
 * Has the suspects looked at once more, by shards of each vantage; which, is returned. Null: the scan is no longer what it
 * was at the first look. In the transaction of that look, which by now holds the row of the scan.
 */
export async function lookTwice(
  client: pg.ClientBase,
  scanId: string,
  { suspects }: FirstLook,
): Promise<readonly string[] | null> {
  if ((await projectOf(client, scanId)) === null) return null
  const shards = shardsFor(await byFirstLooker(client, scanId, suspects))
  if (shards.length > 0) await insertShards(client, scanId, shards)
  return [...new Set(shards.map(({ vantage }) => vantage))]
}

/** One for each first looker at a vantage: what it saw is for others to see again. */
function shardsFor(doubts: readonly Doubts[]): readonly NewShard[] {
  const places = Map.groupBy(doubts, ({ vantage, transport }) => `${vantage} ${transport}`)
  return [...places.values()].flatMap((group) =>
    group.map(({ vantage, transport, looker }, index) => {
      return { vantage, transport, ordinal: CONFIRMATION - index, from: 0, to: 0, notBy: looker }
    }),
  )
}
