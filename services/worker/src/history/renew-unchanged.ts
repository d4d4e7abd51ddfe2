/**
 * Of most scans nearly everything is as it was. What is the same in every column needs no comparing, no second look and
 * no change: that it was seen again is all there is to say, and saying it first leaves the rest to be looked for.
 */
import { NO_TARPIT } from '@portolan/db/tarpits.ts'
import type pg from 'pg'
import { SERVICE_COLUMNS } from './endpoint-columns.ts'
import { SEEN_OPEN, versionKeysOf } from './seen-open.ts'

/** Open ports of the scan, and how many of them are remembered from it. */
const COUNT = `
  SELECT (SELECT count(*)::int FROM observations o WHERE o.scan_id = $1 AND o.state = 'open' AND ${NO_TARPIT}) AS seen,
    (SELECT count(*)::int FROM scan_targets r JOIN endpoints o ON o.project_id = $2 AND o.ip BETWEEN r.range_start AND r.range_end
      WHERE r.scan_id = $1 AND o.last_scan_id = $1 AND o.state = 'open' AND NOT EXISTS (SELECT FROM tarpits t
        WHERE t.scan_id = $1 AND t.vantage = o.vantage AND t.ip = o.ip AND o.transport = 'tcp')) AS remembered`

/** A look that says nothing of a column erases nothing there. */
const SAME = SERVICE_COLUMNS.map((name) => `(n.${name} IS NULL OR n.${name} = e.${name})`).join(' AND ')

const RENEW = `
  UPDATE endpoints e SET reason = n.reason, last_seen = n.seen_at, last_scan_id = $1 FROM (${SEEN_OPEN}) n
  WHERE e.project_id = $2 AND (e.ip, e.port, e.transport, e.vantage) = (n.ip, n.port, n.transport, n.vantage)
    AND e.state = 'open' AND n.seen_at > e.last_seen AND ${SAME}`

/** How many open ports of the scan are something else than what is remembered, or new. Safe to repeat, and for whoever holds the lock. */
export async function renewUnchanged(client: pg.ClientBase, scanId: string, projectId: string): Promise<number> {
  const { rows } = await client.query<{ seen: number; remembered: number }>(COUNT, [scanId, projectId])
  const { seen, remembered } = rows[0] ?? { seen: 0, remembered: 0 }
  if (seen === remembered) return 0
  const { rowCount } = await client.query(RENEW, [scanId, projectId, await versionKeysOf(client, scanId)])
  return seen - remembered - (rowCount ?? 0)
}
