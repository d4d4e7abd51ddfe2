/** What a scan makes look changed: worth a second look before anybody is told. */
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import type pg from 'pg'
import { missedBy } from '../history/tell-closed.ts'

/** Known, and not open before this scan. What nobody has seen before has answered, which is proof enough. */
const BACK = `
  SELECT host(e.ip) AS ip, e.port, e.transport, e.vantage
  FROM observations o JOIN scans s ON s.id = o.scan_id JOIN endpoints e ON e.project_id = s.project_id
    AND (e.ip, e.port, e.transport, e.vantage) = (o.ip, o.port, o.transport, o.vantage)
  WHERE o.scan_id = $1 AND o.state = 'open' AND e.state <> 'open' AND o.seen_at > e.last_seen`

export async function suspectsOf(client: pg.ClientBase, scanId: string): Promise<readonly EndpointKey[]> {
  return [...(await missedBy(client, scanId)), ...(await client.query<EndpointKey>(BACK, [scanId])).rows]
}
