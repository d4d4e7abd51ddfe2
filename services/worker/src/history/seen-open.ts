import { versionKey } from '@portolan/core/exposure/version-order.ts'
import { NO_TARPIT } from '@portolan/db/tarpits.ts'
import type pg from 'pg'
import { SERVICE_COLUMNS } from './endpoint-columns.ts'

const CARRIED = SERVICE_COLUMNS.filter((name) => !['version_key', 'tls_not_after', 'tls_sha256'].includes(name))
const NOT_AFTER = `o.tls #>> '{certificate,notAfter}'`

/**
 * SQL: the open ports of scan $1, but those of hosts on which everything opens, with the columns of an endpoint; $3 is
 * what `versionKeysOf` returns.
 */
export const SEEN_OPEN = `
  SELECT o.ip, o.port, o.transport, o.vantage, o.reason, o.seen_at,
    $3::jsonb ->> o.version AS version_key,
    ${CARRIED.map((name) => `o.${name}`).join(', ')}, o.tls #>> '{certificate,sha256}' AS tls_sha256,
    CASE WHEN pg_input_is_valid(${NOT_AFTER}, 'timestamptz') THEN (${NOT_AFTER})::timestamptz END AS tls_not_after
  FROM observations o
  WHERE o.scan_id = $1 AND o.state = 'open' AND ${NO_TARPIT}`

/** What the versions that a scan saw are sorted by, as JSON. */
export async function versionKeysOf(client: pg.ClientBase, scanId: string): Promise<string> {
  const { rows } = await client.query<{ version: string }>(
    `SELECT DISTINCT version FROM observations WHERE scan_id = $1 AND state = 'open' AND version IS NOT NULL`,
    [scanId],
  )
  return JSON.stringify(Object.fromEntries(rows.map(({ version }) => [version, versionKey(version)])))
}
