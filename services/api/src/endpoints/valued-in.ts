import type { Condition, Query } from '@portolan/core/exposure/query/query.ts'
import type { Pool } from 'pg'
import { conditionsOf } from './conditions.ts'
import { likeOf } from './like.ts'

/** Fields with few different values, each many times. */
const FEW = new Set<Condition['field']>(['service', 'product', 'vendor', 'os', 'device'])
/** Different values looked through: 10 ms or so. */
const MOST_VALUES = 500

/** By condition, in lower case, the values its pattern stands for; not in here: too many to look through. */
export type Values = ReadonlyMap<Condition, readonly string[]>

/**
 * What patterns like `product:apache*` stand for at present. With whole values the planner knows how many endpoints there are;
 * of a pattern it guesses that from a sample in which what is not frequent does not occur.
 */
export async function valuedIn(pool: Pool, projectId: string, query: Query): Promise<Values> {
  const patterns = conditionsOf(query).flatMap((condition) =>
    FEW.has(condition.field) && 'pattern' in condition && condition.pattern.includes('*') ? [condition] : [],
  )
  const found = patterns.map(async (condition) => {
    const { rows } = await pool.query<{ all: boolean; values: string[] }>(everyValue(condition.field), [
      projectId,
      likeOf(condition.pattern),
    ])
    return rows[0]?.all ? [[condition, rows[0].values] as const] : []
  })
  return new Map((await Promise.all(found)).flat())
}

/** From value to the next one along the index. `column` is one of FEW. */
function everyValue(column: Condition['field']): string {
  const next = (behind: string) => `(SELECT lower(e.${column}) FROM endpoints e
    WHERE e.project_id = $1 AND e.${column} IS NOT NULL ${behind} ORDER BY lower(e.${column}) LIMIT 1)`
  return `WITH RECURSIVE every (value, nth) AS (
      SELECT ${next('')}, 1
      UNION ALL SELECT ${next(`AND lower(e.${column}) > every.value`)}, nth + 1 FROM every
        WHERE value IS NOT NULL AND nth <= ${MOST_VALUES}
    )
    SELECT count(*) <= ${MOST_VALUES} AS all,
      coalesce(array_agg(value) FILTER (WHERE value LIKE lower($2::text)), '{}') AS values FROM every`
}
