import type { HostLabels } from '@portolan/core/exposure/host-labels.ts'
import { loadHostLabels } from '@portolan/db/host-labels.ts'
import type { Pool } from 'pg'
import type { Host } from './schema.ts'

interface HostRow {
  readonly ip: string
  readonly hostnames: string[] | null
  readonly os: string[] | null
  readonly vantages: string[]
  readonly open: number
  readonly tarpit: boolean
  readonly first_seen: Date
  readonly last_seen: Date
  readonly last_changed: Date
}

const HOSTS = `
  SELECT host(ip) AS ip, array_agg(DISTINCT hostname) FILTER (WHERE hostname IS NOT NULL) AS hostnames,
    array_agg(DISTINCT os) FILTER (WHERE os IS NOT NULL) AS os, array_agg(DISTINCT vantage) AS vantages,
    count(*) FILTER (WHERE state = 'open')::int AS open,
    coalesce(max(found_at) >= coalesce(max(last_seen) FILTER (WHERE transport = 'tcp'), '-infinity'), false) AS tarpit,
    min(first_seen) AS first_seen, greatest(max(last_seen), max(found_at)) AS last_seen,
    max(last_changed) AS last_changed
  FROM (SELECT project_id, ip, hostname, os, vantage, state, transport, first_seen, last_seen, last_changed,
      NULL::timestamptz AS found_at FROM endpoints
    UNION ALL SELECT project_id, ip, NULL, NULL, vantage, NULL, 'tcp', found_at, NULL, found_at, found_at FROM tarpits) e`

export interface HostFilter {
  readonly net: string | null
  readonly open: boolean
  readonly after: string | null
  readonly limit: number
}

/** In the order of addresses, read along the index of endpoints until the page is full. */
export async function listHosts(pool: Pool, projectId: string, filter: HostFilter): Promise<Host[]> {
  const { net, open, after, limit } = filter
  const { rows } = await pool.query<HostRow>(
    `${HOSTS} WHERE project_id = $1 AND ($2::inet IS NULL OR ip > $2)
       AND ($3::inet IS NULL OR (ip >= host(network($3))::inet AND ip <= host(broadcast($3))::inet))
     GROUP BY e.ip HAVING NOT $4 OR count(*) FILTER (WHERE state = 'open') > 0 OR max(found_at) IS NOT NULL ORDER BY e.ip LIMIT $5`,
    [projectId, after, net, open, limit],
  )
  const labels = await loadHostLabels(
    pool,
    projectId,
    rows.map(({ ip }) => ip),
  )
  return rows.map((row) => viewOf(row, labels))
}

export async function findHost(pool: Pool, projectId: string, ip: string): Promise<Host | null> {
  const { rows } = await pool.query<HostRow>(`${HOSTS} WHERE project_id = $1 AND ip = $2 GROUP BY e.ip`, [
    projectId,
    ip,
  ])
  return rows[0] ? viewOf(rows[0], await loadHostLabels(pool, projectId, [ip])) : null
}

function viewOf({ ip, hostnames, os, vantages, open, tarpit, ...times }: HostRow, labels: HostLabels): Host {
  return {
    ip,
    hostnames: hostnames ?? [],
    names: [...labels.namesOf(ip)],
    tags: [...labels.tagsOf(ip)],
    os: os ?? [],
    vantages,
    open,
    allPortsOpen: tarpit,
    firstSeen: times.first_seen.toISOString(),
    lastSeen: times.last_seen.toISOString(),
    lastChanged: times.last_changed.toISOString(),
  }
}
