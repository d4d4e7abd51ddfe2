import type { Pool, PoolClient } from 'pg'
import type { z } from 'zod'
import { canonicalAddress, type Listener, type ListenerReport, type ReportListeners } from './schema.ts'

interface ReportRow {
  readonly id: string
  readonly host: string
  readonly addresses: string[]
  readonly reported_at: Date
  readonly listeners: number
}

const REPORTS = `
  SELECT r.id, r.host, ARRAY (SELECT host(a) FROM unnest(r.addresses) AS a) AS addresses, r.reported_at,
    (SELECT count(*)::int FROM host_listeners l WHERE l.report_id = r.id) AS listeners
  FROM listener_reports r WHERE r.project_id = $1`

const viewOf = ({ reported_at: at, ...row }: ReportRow): ListenerReport => ({ ...row, reportedAt: at.toISOString() })

/** Oldest first. */
export async function listReports(pool: Pool, projectId: string, after: string | null, limit: number) {
  const { rows } = await pool.query<ReportRow>(
    `${REPORTS} AND ($2::uuid IS NULL OR r.id > $2) ORDER BY r.id LIMIT $3`,
    [projectId, after, limit],
  )
  return rows.map(viewOf)
}

export async function findReport(db: Pool | PoolClient, projectId: string, id: string): Promise<ListenerReport | null> {
  const { rows } = await db.query<ReportRow>(`${REPORTS} AND r.id = $2`, [projectId, id])
  return rows[0] ? viewOf(rows[0]) : null
}

/** By the name the host gives itself. */
export async function reportOf(client: PoolClient, projectId: string, host: string): Promise<ListenerReport | null> {
  const { rows } = await client.query<ReportRow>(`${REPORTS} AND r.host = $2`, [projectId, host])
  return rows[0] ? viewOf(rows[0]) : null
}

/** The latest report of a machine that has this address, with what it listens on. */
export async function reportAbout(pool: Pool, projectId: string, ip: string) {
  const { rows } = await pool.query<ReportRow>(
    `${REPORTS} AND r.addresses @> ARRAY[$2::inet] ORDER BY r.reported_at DESC LIMIT 1`,
    [projectId, ip],
  )
  const [report] = rows
  if (report === undefined) return null
  const listeners = await pool.query<Listener>(
    `SELECT transport, host(address) AS address, port, process, pid, "user", unit, container FROM host_listeners
     WHERE report_id = $1 ORDER BY ordinal`,
    [report.id],
  )
  return { ...viewOf(report), sockets: listeners.rows }
}

/** The one report there is of a host. Returns its id. */
export async function storeReport(client: PoolClient, projectId: string, body: z.output<typeof ReportListeners>) {
  const addresses = [...new Set(body.addresses.map(canonicalAddress))]
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO listener_reports (project_id, host, addresses, reported_at) VALUES ($1, $2, $3::inet[], now())
     ON CONFLICT (project_id, host) DO UPDATE SET addresses = EXCLUDED.addresses, reported_at = now() RETURNING id`,
    [projectId, body.host, addresses],
  )
  const id = rows[0]?.id ?? ''
  await client.query('DELETE FROM host_listeners WHERE report_id = $1', [id])
  const column = <K extends keyof Listener>(name: K) => body.listeners.map((listener) => listener[name])
  await client.query(
    `INSERT INTO host_listeners (report_id, ordinal, transport, address, port, process, pid, "user", unit, container)
     SELECT $1, n.ordinal, transport::transport, address::inet, port, process, pid, "user", unit, container
     FROM unnest($2::text[], $3::text[], $4::int[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[])
       WITH ORDINALITY AS n (transport, address, port, process, pid, "user", unit, container, ordinal)`,
    [
      id,
      column('transport'),
      column('address').map(canonicalAddress),
      column('port'),
      column('process'),
      column('pid'),
      column('user'),
      column('unit'),
      column('container'),
    ],
  )
  return id
}
