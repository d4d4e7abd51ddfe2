import type { Coverage } from '@portolan/core/exposure/coverage.ts'
import { loadCoverage } from '@portolan/db/coverage.ts'
import type pg from 'pg'
import { snapshot } from './endpoint-columns.ts'
import type { NewEndpoint } from './remember-open.ts'

/** Scans asked, newest first, whether they looked at an endpoint before; a recurring scan needs one. */
const MOST_EARLIER = 20

/** Scans that ended and whose targets, ports and vantages touch those of this one. */
const EARLIER = `
  SELECT p.id FROM scans s JOIN scans p ON p.project_id = s.project_id AND p.id <> s.id
  WHERE s.id = $1 AND p.status IN ('completed', 'partial', 'cancelled') AND p.vantages && s.vantages
    AND (p.tcp_ports && s.tcp_ports OR p.udp_ports && s.udp_ports)
    AND EXISTS (SELECT FROM scan_targets a JOIN scan_targets b
      ON a.range_start <= b.range_end AND b.range_start <= a.range_end WHERE a.scan_id = p.id AND b.scan_id = s.id)
  ORDER BY p.finished_at DESC LIMIT $2`

const TELL = `
  INSERT INTO changes (project_id, scan_id, endpoint_id, ip, kind, verdict, after, at)
  SELECT e.project_id, $1, e.id, e.ip, 'opened', 'confirmed', ${snapshot('e', "'open'")}, e.first_seen
  FROM unnest($2::uuid[]) AS n (id) JOIN endpoints e USING (id)
  ON CONFLICT (scan_id, endpoint_id, kind) DO NOTHING`

/** An endpoint seen for the first time has opened if an earlier scan looked at it, and is only now known if none did. */
export async function tellOpened(client: pg.ClientBase, scanId: string, fresh: readonly NewEndpoint[]): Promise<void> {
  if (fresh.length === 0) return
  const { rows } = await client.query<{ id: string }>(EARLIER, [scanId, MOST_EARLIER])
  let undecided = fresh
  const opened: string[] = []
  for (const { id } of rows) {
    if (undecided.length === 0) break
    const covers: Coverage = await loadCoverage(client, id)
    opened.push(...undecided.filter(covers).map((endpoint) => endpoint.id))
    undecided = undecided.filter((endpoint) => !covers(endpoint))
  }
  if (opened.length > 0) await client.query(TELL, [scanId, opened])
}
