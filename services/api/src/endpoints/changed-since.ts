import type { Condition, Query } from '@portolan/core/exposure/query/query.ts'
import type { Pool } from 'pg'
import { conditionsOf } from './conditions.ts'
import { inTime } from './in-time.ts'
import { likeOf } from './like.ts'
import type { ChangedSince } from './once-was.ts'

/** Endpoints one condition may lead to and still be told to the database one by one. */
const MOST = 1_000
/** Conditions looked into; the others leave all that is there. */
const MOST_CONDITIONS = 5
/** Milliseconds. What takes longer to find is not rare. */
const PATIENCE = 15

interface Then {
  readonly projectId: string
  readonly at: string
}

/** For each condition on text, the endpoints whose changes since then speak of it in what was there before. */
export async function changedSince(pool: Pool, then: Then, query: Query): Promise<ChangedSince> {
  const told = conditionsOf(query).flatMap((condition) => {
    const text = textOf(condition)
    return text === null ? [] : [{ condition, text }]
  })
  const found = told
    .slice(0, MOST_CONDITIONS)
    .map(async ({ condition, text }) => [condition, await speakingOf(pool, then, text)] as const)
  // What they had sent is not kept with the changes: nobody who has changed is found by it.
  const forgotten = conditionsOf(query).filter(({ field }) => field === 'banner')
  return new Map([...(await Promise.all(found)), ...forgotten.map((condition) => [condition, []] as const)])
}

/** Part of what `changes.before` says, with `*` for anything; null when nothing is known of how it stands there. */
function textOf(condition: Condition): string | null {
  switch (condition.field) {
    case 'service':
    case 'product':
    case 'vendor':
    case 'os':
    case 'device':
    case 'hostname':
    case 'tls.sha256':
      return condition.pattern
    case 'cpe':
    case 'info':
      return condition.contains
    case 'any':
      // The address stands elsewhere, so a pattern might lead from here to there.
      return condition.contains.includes('*') ? null : condition.contains
    default:
      return null
  }
}

async function speakingOf(pool: Pool, { projectId, at }: Then, text: string): Promise<readonly string[] | null> {
  const rows = await inTime<{ id: string }>(pool, PATIENCE, {
    sql: `SELECT DISTINCT id FROM (SELECT c.endpoint_id AS id FROM changes c WHERE c.project_id = $1
        AND c.at > $2::timestamptz AND lower(c.before::text) LIKE lower($3) LIMIT ${MOST + 1}) AS found`,
    values: [projectId, at, `%${likeOf(JSON.stringify(text).slice(1, -1))}%`],
  })
  return rows === null || rows.length > MOST ? null : rows.map(({ id }) => id)
}
