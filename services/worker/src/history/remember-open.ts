import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import type pg from 'pg'
import { MERGED, SERVICE_COLUMNS, snapshot } from './endpoint-columns.ts'
import { FLAPPING, flapsAt } from './flapping.ts'
import { isDoubted, secondLookAt } from './second-look.ts'
import { SEEN_OPEN, versionKeysOf } from './seen-open.ts'

export type NewEndpoint = EndpointKey & { readonly id: string }

const KEY = 'ip, port, transport, vantage'

/** The rules of core's exposure/diff.ts and compare-looks.ts, for as many endpoints as there are. */
const FLAGS = `
  SELECT coalesce(e.state = 'open', false) AS still,
    coalesce(e.state <> 'open' OR e.service <> n.service OR e.product <> n.product, e.id IS NULL, false) AS other,
    coalesce(e.version <> n.version, false) AS upgraded,
    coalesce(e.state = 'open' AND e.tls_sha256 <> n.tls_sha256, false) AS reissued,
    CASE WHEN e.state <> 'open' THEN ${flapsAt('e.id', 'n.seen_at')} ELSE coalesce(e.flaps, 0) END AS flaps`

/**
 * Open ports seen later than what is remembered of them, merged with it. A table of its own, because only of a table
 * the planner knows how many rows there are: of a hundred thousand it must not compare each with each.
 */
const MERGE = `
  CREATE TEMPORARY TABLE merged_endpoints ON COMMIT DROP AS
  SELECT n.ip, n.port, n.transport, n.vantage, n.reason, n.seen_at, e.id AS known, f.still, f.flaps,
    f.still AND f.other AS replaced, f.still AND NOT f.other AND f.upgraded AS newer, f.reissued,
    e.id IS NOT NULL AND (f.other OR f.upgraded OR f.reissued) AND ${isDoubted('n')} AS doubted,
    coalesce(e.first_seen, n.seen_at) AS first_seen, e.last_changed,
    CASE WHEN e.id IS NOT NULL AND (NOT f.still OR f.other OR f.upgraded OR f.reissued) THEN ${snapshot('e', 'e.state')}
      END AS before, ${MERGED.join(', ')}
  FROM (${SEEN_OPEN}) n LEFT JOIN endpoints e ON e.project_id = $2
      AND (e.ip, e.port, e.transport, e.vantage) = (n.ip, n.port, n.transport, n.vantage)
    ${secondLookAt('n')}
    CROSS JOIN LATERAL (${FLAGS}) f
  WHERE e.id IS NULL OR n.seen_at > e.last_seen`

const WRITTEN = ['state', 'reason', 'last_seen', 'last_changed', 'last_scan_id', 'flaps', ...SERVICE_COLUMNS]
const TO_WRITE = [
  "'open'",
  'm.reason',
  'm.seen_at',
  'CASE WHEN m.still AND NOT (m.replaced OR m.newer OR m.reissued) THEN m.last_changed ELSE m.seen_at END',
  '$1::uuid',
  'm.flaps',
  ...SERVICE_COLUMNS.map((name) => `m.${name}`),
].join(', ')

/** Nobody else writes endpoints of this project meanwhile, so what was not known is new: no conflict has to be looked for. */
const REMEMBER = `
  WITH fresh AS (
    INSERT INTO endpoints (project_id, ${KEY}, first_seen, ${WRITTEN.join(', ')})
    SELECT $2::uuid, ${KEY}, first_seen, ${TO_WRITE} FROM merged_endpoints m WHERE known IS NULL ORDER BY ${KEY}
    RETURNING id, ${KEY}
  ),
  renewed AS (
    UPDATE endpoints e SET (${WRITTEN.join(', ')}) = ROW (${TO_WRITE}) FROM merged_endpoints m
    WHERE m.known = e.id AND NOT m.doubted
  ),
  kept AS (
    UPDATE endpoints e SET reason = m.reason, last_seen = m.seen_at, last_scan_id = $1::uuid FROM merged_endpoints m
    WHERE m.known = e.id AND m.doubted AND m.still
  ),
  told AS (
    INSERT INTO changes (project_id, scan_id, endpoint_id, ip, kind, verdict, before, after, at)
    SELECT $2, $1, m.known, m.ip, k.kind, CASE WHEN m.flaps >= $3 AND NOT m.still THEN 'flapping' WHEN m.doubted THEN 'unconfirmed'
        ELSE 'confirmed' END,
      m.before, ${snapshot('m', "'open'")}, m.seen_at
    FROM merged_endpoints m CROSS JOIN LATERAL (VALUES
      ('opened', NOT m.still), ('service-changed', m.replaced), ('version-changed', m.newer),
      ('certificate-changed', m.reissued)) AS k (kind, holds)
    WHERE k.holds AND m.known IS NOT NULL
    ON CONFLICT (scan_id, endpoint_id, kind) DO NOTHING
  )
  SELECT id, host(ip) AS ip, port, transport, vantage FROM fresh`

/**
 * Merges every open port of a scan into `endpoints` and tells what changed on those that were known. What a second look
 * did not bear out is told as unconfirmed, and the endpoint stays as it was. Returns the endpoints nobody had seen before:
 * whether they opened depends on whether anybody had looked.
 */
export async function rememberOpen(client: pg.ClientBase, scanId: string, projectId: string) {
  await client.query(MERGE, [scanId, projectId, await versionKeysOf(client, scanId)])
  // Only what the next statement asks of it: of all columns it takes longer than the merging.
  await client.query('ANALYZE merged_endpoints (known, doubted, still)')
  return (await client.query<NewEndpoint>(REMEMBER, [scanId, projectId, FLAPPING])).rows
}
