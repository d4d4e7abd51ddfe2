/**
 * Of most scans nearly everything is as it was. What is the same in every column needs no comparing, no second look and
 * no change: that it was seen again is all there is to say, and saying it first leaves the rest to be looked for.
 */
import { NO_TARPIT } from '@portolan/db/tarpits.ts'
import type pg from 'pg'
import { SERVICE_COLUMNS } from './endpoint-columns.ts'
import { SEEN_OPEN, versionKeysOf } from './seen-open.ts'

/** Open ports of the scan. */
const SEEN = `
  SELECT count(*)::int AS count FROM observations o WHERE o.scan_id = $1 AND o.state = 'open' AND ${NO_TARPIT}`

/** Those that are remembered from it. */
const REMEMBERED = `
  SELECT count(*)::int AS count FROM scan_targets r
    JOIN endpoints o ON o.project_id = $2 AND o.ip BETWEEN r.range_start AND r.range_end
  WHERE r.scan_id = $1 AND o.last_scan_id = $1 AND o.state = 'open' AND NOT EXISTS (SELECT FROM tarpits t
    WHERE t.scan_id = $1 AND t.vantage = o.vantage AND t.ip = o.ip AND o.transport = 'tcp')`

/** A look that says nothing of a column erases nothing there. */
const SAME = SERVICE_COLUMNS.map((name) => `(n.${name} IS NULL OR n.${name} = e.${name})`).join(' AND ')

const RENEW = `
  UPDATE endpoints e SET reason = n.reason, last_seen = n.seen_at, last_scan_id = $1 FROM (${SEEN_OPEN}) n
  WHERE e.project_id = $2 AND (e.ip, e.port, e.transport, e.vantage) = (n.ip, n.port, n.transport, n.vantage)
    AND e.state = 'open' AND n.seen_at > e.last_seen AND ${SAME}`

/** How many open ports of the scan are something else than what is remembered, or new. Safe to repeat, and for whoever holds the lock. */
export async function renewUnchanged(client: pg.ClientBase, scanId: string, projectId: string): Promise<number> {
  const { rowCount } = await client.query(RENEW, [scanId, projectId, await versionKeysOf(client, scanId)])
  const seen = await countOf(client, SEEN, [scanId])
  // As a rule all of them: then nothing has to be read to be counted.
  return seen === rowCount ? 0 : seen - (await countOf(client, REMEMBERED, [scanId, projectId]))
}

async function countOf(client: pg.ClientBase, sql: string, values: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ count: number }>(sql, [...values])
  return rows[0]?.count ?? 0
}
