import type pg from 'pg'
import { coveredBy, earlierScans } from './covered-before.ts'
import { snapshot } from './endpoint-columns.ts'
import type { NewEndpoint } from './remember-open.ts'
import { isDoubted, secondLookAt } from './second-look.ts'

/** What answered once and not again is remembered as it was when nobody had seen it open. */
const TELL = `
  WITH opened AS MATERIALIZED (
    SELECT e.*, ${isDoubted('e')} AS doubted, coalesce(z.state, 'closed') AS last_state, z.reason AS last_reason
    FROM unnest($2::uuid[]) AS n (id) JOIN endpoints e USING (id) ${secondLookAt('e')}
  ),
  shut AS (
    UPDATE endpoints e SET state = o.last_state, reason = o.last_reason FROM opened o WHERE o.id = e.id AND o.doubted
  )
  INSERT INTO changes (project_id, scan_id, endpoint_id, ip, kind, verdict, after, at)
  SELECT project_id, $1, id, ip, 'opened', CASE WHEN doubted THEN 'unconfirmed' ELSE 'confirmed' END,
    ${snapshot('o', "'open'")}, first_seen
  FROM opened o
  ON CONFLICT (scan_id, endpoint_id, kind) DO NOTHING`

/** An endpoint seen for the first time has opened if an earlier scan looked at it, and is only now known if none did. */
export async function tellOpened(client: pg.ClientBase, scanId: string, fresh: readonly NewEndpoint[]): Promise<void> {
  if (fresh.length === 0) return
  const opened = await coveredBy(client, await earlierScans(client, scanId), fresh)
  if (opened.length > 0) await client.query(TELL, [scanId, opened.map(({ id }) => id)])
}
