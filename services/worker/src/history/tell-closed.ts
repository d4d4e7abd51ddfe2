import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import { loadCoverage } from '@portolan/db/coverage.ts'
import type pg from 'pg'
import { snapshot } from './endpoint-columns.ts'
import { FLAPPING, flapsAt } from './flapping.ts'

/**
 * Remembered as open before the scan began, within its targets and ports, and not seen open by it. `OFFSET 0` has each
 * endpoint looked up by its key: statistics that are older than the scan say it has hardly a row, and a join planned after
 * them compares every endpoint with every row.
 */
const MISSED = `
  SELECT e.id, host(e.ip) AS ip, e.port, e.transport, e.vantage
  FROM scans s JOIN scan_targets t ON t.scan_id = s.id
    JOIN endpoints e ON e.project_id = s.project_id AND e.ip BETWEEN t.range_start AND t.range_end
  WHERE s.id = $1 AND e.state = 'open' AND e.last_seen < s.started_at AND e.vantage = ANY (s.vantages)
    AND e.port <@ CASE e.transport WHEN 'tcp' THEN s.tcp_ports ELSE s.udp_ports END
    AND NOT EXISTS (SELECT FROM observations o WHERE o.scan_id = s.id AND o.state = 'open'
      AND (o.ip, o.port, o.transport, o.vantage) = (e.ip, e.port, e.transport, e.vantage) OFFSET 0)`

/** An answer proves that a port is closed; silence may be a lost packet, unless it was the same when looked at again. */
const CLOSE = `
  WITH gone AS MATERIALIZED (
    SELECT e.id, ${snapshot('e', 'e.state')} AS before, coalesce(k.state, o.state, 'closed') AS state,
      coalesce(k.reason, o.reason) AS reason, coalesce(k.state <> 'open', o.state = 'closed') AS proven, ${flapsAt('e.id', 'now()')} AS flaps
    FROM unnest($2::uuid[]) AS m (id) JOIN endpoints e USING (id) LEFT JOIN observations o ON o.scan_id = $1
      AND (o.ip, o.port, o.transport, o.vantage) = (e.ip, e.port, e.transport, e.vantage)
      LEFT JOIN confirmations k ON k.scan_id = $1
        AND (k.ip, k.port, k.transport, k.vantage) = (e.ip, e.port, e.transport, e.vantage)
  ),
  closed AS (
    UPDATE endpoints e SET state = g.state, reason = g.reason, last_changed = now(), last_scan_id = $1, flaps = g.flaps
    FROM gone g WHERE g.id = e.id
    RETURNING e.id, e.ip, e.project_id, g.before, g.state, g.proven, g.flaps
  )
  INSERT INTO changes (project_id, scan_id, endpoint_id, ip, kind, verdict, before, after, at)
  SELECT project_id, $1, id, ip, 'closed',
    CASE WHEN flaps >= $3 THEN 'flapping' WHEN proven THEN 'confirmed' ELSE 'unconfirmed' END,
    before, jsonb_build_object('state', state), now()
  FROM closed
  ON CONFLICT (scan_id, endpoint_id, kind) DO NOTHING`

/** What the scan looked at and did not find open, although it was. */
export async function missedBy(client: pg.ClientBase, scanId: string) {
  const { rows } = await client.query<EndpointKey & { id: string }>(MISSED, [scanId])
  if (rows.length === 0) return []
  return rows.filter(await loadCoverage(client, scanId))
}

/** Closes what the scan looked at and did not find open. What it did not reach stays as it is remembered. */
export async function tellClosed(client: pg.ClientBase, scanId: string): Promise<void> {
  const closed = (await missedBy(client, scanId)).map(({ id }) => id)
  if (closed.length > 0) await client.query(CLOSE, [scanId, closed, FLAPPING])
}
