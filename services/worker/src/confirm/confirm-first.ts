import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import { dispatchShards } from '../dispatch.ts'
import { CONFIRMATION, insertShards, type NewShard } from '../new-shards.ts'
import type { Parts } from '../parts.ts'
import { byFirstLooker, type Doubts } from './first-looker.ts'
import { suspectsOf } from './suspects.ts'

/** Done, but for a second look: all of its shards have ended, and none of them was that look. */
const READY = `
  SELECT FROM scans WHERE id = $1 AND status = 'running' AND wanted = 'run'
    AND NOT EXISTS (SELECT FROM shards WHERE scan_id = $1
      AND (state IN ('pending', 'claimed') OR ordinal <= ${CONFIRMATION}))`

const isReady = async (db: pg.Pool | pg.ClientBase, scanId: string, lock = '') =>
  (await db.query(`${READY} ${lock}`, [scanId])).rows.length > 0

/** Has what seems changed looked at once more, by shards of each vantage. False: there is nothing to wait for. */
export async function confirmFirst(parts: Parts, scanId: string): Promise<boolean> {
  const { db } = parts
  if (!(await isReady(db, scanId))) return false
  const suspects = await transaction(db, (client) => suspectsOf(client, scanId))
  const shards = shardsFor(await byFirstLooker(db, scanId, suspects))
  if (shards.length === 0) return false
  const isOurs = await transaction(db, async (client) => {
    if (!(await isReady(client, scanId, 'FOR UPDATE'))) return false
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
