import type { Coverage } from '@portolan/core/exposure/coverage.ts'
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import { loadCoverage } from '@portolan/db/coverage.ts'
import type pg from 'pg'

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

/** Newest first; none, when nobody has looked there before. */
export async function earlierScans(client: pg.ClientBase, scanId: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>(EARLIER, [scanId, MOST_EARLIER])
  return rows.map(({ id }) => id)
}

/** Those of `endpoints` that one of these scans looked at. */
export async function coveredBy<T extends EndpointKey>(
  client: pg.ClientBase,
  scans: readonly string[],
  endpoints: readonly T[],
): Promise<readonly T[]> {
  let undecided = endpoints
  const covered: T[] = []
  for (const id of scans) {
    if (undecided.length === 0) break
    const covers: Coverage = await loadCoverage(client, id)
    covered.push(...undecided.filter(covers))
    undecided = undecided.filter((endpoint) => !covers(endpoint))
  }
  return covered
}
