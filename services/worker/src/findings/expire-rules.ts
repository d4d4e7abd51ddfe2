/**
 * An exception that expires becomes findings when its time comes, and not with the next scan, which may be weeks away:
 * what is remembered as open and was allowed by it until now. Each policy once, by whichever worker comes first.
 */
import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import { lockHistory } from '../history/lock-history.ts'
import { announce } from '../notify/announce.ts'
import { newsOfFindings } from '../notify/news-of-findings.ts'
import { allowedUntilNow } from './newly-expired.ts'
import { storeViolations } from './store-violations.ts'
import type { StoredPolicy } from './violations.ts'

type Row = StoredPolicy & { readonly projectId: string; readonly since: Date; readonly now: Date }

const DUE = `
  SELECT id, project_id AS "projectId" FROM policies p WHERE enabled AND EXISTS (
    SELECT FROM jsonb_array_elements(p.document -> 'rules') AS r
    WHERE (r ->> 'expires')::timestamptz > p.expiries_until AND (r ->> 'expires')::timestamptz <= now())`

export async function expireRules(db: pg.Pool): Promise<void> {
  const { rows } = await db.query<Pick<Row, 'id' | 'projectId'>>(DUE)
  for (const { id, projectId } of rows)
    await transaction(db, async (client) => {
      // A scan that ends meanwhile holds its findings against the same policy.
      await lockHistory(client, projectId)
      const policies = await client.query<Row>(
        `UPDATE policies p SET expiries_until = now() FROM policies b WHERE b.id = p.id AND p.id = $1 AND p.enabled
         RETURNING p.id, p.name, p.document, p.project_id AS "projectId", b.expiries_until AS since, now()`,
        [id],
      )
      for (const policy of policies.rows) await expireRulesOf(client, policy)
    })
}

async function expireRulesOf(client: pg.ClientBase, policy: Row): Promise<void> {
  const { id: policyId, projectId, since } = policy
  const now = policy.now.getTime()
  const violations = await allowedUntilNow(client, policy, { from: since.getTime(), to: now })
  await storeViolations(client, { projectId, policyId }, violations, now)
  const news = await newsOfFindings(client, { projectId, scanId: null, scheduleId: null })
  await announce(client, projectId, news, { batch: `expired ${policyId} ${now}`, now })
}
