import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import { dispatchShards } from '../dispatch.ts'
import { renewUnchanged } from '../history/renew-unchanged.ts'
import { CONFIRMATION, insertShards, type NewShard } from '../new-shards.ts'
import type { Parts } from '../parts.ts'
import { byFirstLooker, type Doubts } from './first-looker.ts'
import { suspectedClosed, suspectsOf } from './suspects.ts'

/** Done, but for a second look: all of its shards have ended, and none of them was that look. */
const READY = `
  SELECT project_id FROM scans WHERE id = $1 AND status = 'running' AND wanted = 'run'
    AND NOT EXISTS (SELECT FROM shards WHERE scan_id = $1
      AND (state IN ('pending', 'claimed') OR ordinal <= ${CONFIRMATION}))`

/** Null: it is not ready. */
async function projectOf(db: pg.Pool | pg.ClientBase, scanId: string, lock = ''): Promise<string | null> {
  const { rows } = await db.query<{ project_id: string }>(`${READY} ${lock}`, [scanId])
  return rows[0]?.project_id ?? null
}

/** Has what seems changed looked at once more, by shards of each vantage. False: there is nothing to wait for. */
export async function confirmFirst(parts: Parts, scanId: string): Promise<boolean> {
  const { db } = parts
  const projectId = await projectOf(db, scanId)
  if (projectId === null) return false
  const suspects = await transaction(db, async (client) => {
    const left = await renewUnchanged(client, scanId, projectId)
    return left === 0 ? suspectedClosed(client, scanId) : suspectsOf(client, scanId)
  })
  const shards = shardsFor(await byFirstLooker(db, scanId, suspects))
  if (shards.length === 0) return false
  const isOurs = await transaction(db, async (client) => {
    if ((await projectOf(client, scanId, 'FOR UPDATE')) === null) return false
    await insertShards(client, scanId, shards)
    return true
  })
  if (isOurs) for (const vantage of new Set(shards.map((shard) => shard.vantage))) await dispatchShards(parts, vantage)
  return isOurs
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
