import type { Pool } from 'pg'
import type { Endpoint } from './schema.ts'

export interface EndpointRow {
  readonly id: string
  readonly vantage: string
  readonly ip: string
  readonly transport: Endpoint['transport']
  readonly port: number
  readonly state: Endpoint['state']
  readonly service: string | null
  readonly product: string | null
  readonly version: string | null
  readonly vendor: string | null
  readonly info: string | null
  readonly os: string | null
  readonly device: string | null
  readonly hostname: string | null
  readonly cpe: string[] | null
  readonly tls_sha256: string | null
  readonly tls_not_after: Date | null
  readonly evidence_text: string | null
  readonly first_seen: Date
  readonly last_seen: Date
  readonly last_changed: Date
  readonly last_scan_id: string | null
  readonly flaps: number
}

export const ENDPOINT_COLUMNS = `e.id, e.vantage, host(e.ip) AS ip, e.transport, e.port, e.state, e.service, e.product,
  e.version, e.vendor, e.info, e.os, e.device, e.hostname, e.cpe, e.tls_sha256, e.tls_not_after, e.evidence_text,
  e.first_seen, e.last_seen, e.last_changed, e.last_scan_id, e.flaps`

export async function findEndpoint(pool: Pool, projectId: string, id: string): Promise<Endpoint | null> {
  const { rows } = await pool.query<EndpointRow>(
    `SELECT ${ENDPOINT_COLUMNS} FROM endpoints e WHERE e.id = $1 AND e.project_id = $2`,
    [id, projectId],
  )
  return rows[0] ? endpointView(rows[0]) : null
}

/** In the order of port, transport and vantage. */
export async function endpointsAt(pool: Pool, projectId: string, ip: string, limit: number): Promise<Endpoint[]> {
  const { rows } = await pool.query<EndpointRow>(
    `SELECT ${ENDPOINT_COLUMNS} FROM endpoints e WHERE e.project_id = $1 AND e.ip = $2
     ORDER BY e.port, e.transport, e.vantage LIMIT $3`,
    [projectId, ip, limit],
  )
  return rows.map(endpointView)
}

export function endpointView(row: EndpointRow): Endpoint {
  const { id, vantage, ip, transport, port, state, service, product, version, vendor, info, os, device, hostname } = row
  const notAfter = row.tls_not_after?.toISOString() ?? null
  return {
    id,
    vantage,
    ip,
    transport,
    port,
    state,
    service,
    product,
    version,
    vendor,
    info,
    os,
    device,
    hostname,
    cpe: row.cpe ?? [],
    certificate: row.tls_sha256 === null ? null : { sha256: row.tls_sha256, notAfter },
    banner: row.evidence_text,
    firstSeen: row.first_seen.toISOString(),
    lastSeen: row.last_seen.toISOString(),
    lastChanged: row.last_changed.toISOString(),
    lastScanId: row.last_scan_id,
    flaps: row.flaps,
  }
}
