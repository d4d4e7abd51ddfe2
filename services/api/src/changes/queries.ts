import type { Pool } from 'pg'
import type { Change, ListChanges, Snapshot } from './schema.ts'

/** As the worker writes it: what is not known is not there. */
export type StoredSnapshot = Pick<Snapshot, 'state'> & Partial<Omit<Snapshot, 'state'>>

interface ChangeRow {
  readonly id: string
  readonly kind: Change['kind']
  readonly verdict: Change['verdict']
  readonly at: Date
  readonly scan_id: string
  readonly endpoint_id: string
  readonly vantage: string
  readonly ip: string
  readonly transport: 'tcp' | 'udp'
  readonly port: number
  readonly before: StoredSnapshot | null
  readonly after: StoredSnapshot | null
}

const COLUMNS = `c.id, c.kind, c.verdict, c.at, c.scan_id, c.endpoint_id, e.vantage, host(e.ip) AS ip, e.transport, e.port,
  c.before, c.after`

const FEED = (order: 'newest' | 'oldest') => `
  SELECT ${COLUMNS} FROM changes c JOIN endpoints e ON e.id = c.endpoint_id
  WHERE c.project_id = $1 AND ($2::uuid IS NULL OR c.id ${order === 'newest' ? '<' : '>'} $2)
    AND ($3::text[] IS NULL OR c.kind = ANY ($3)) AND ($4::text[] IS NULL OR c.verdict = ANY ($4))
    AND ($5::text IS NULL OR e.vantage = $5) AND ($6::inet IS NULL OR c.ip <<= $6)
    AND ($7::int IS NULL OR e.port = $7) AND ($8::uuid IS NULL OR c.scan_id = $8)
    AND ($9::timestamptz IS NULL OR c.at >= $9) AND ($10::timestamptz IS NULL OR c.at < $10)
  ORDER BY c.id ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT $11`

export interface FeedPage {
  readonly filter: Omit<ListChanges, 'limit' | 'cursor'>
  readonly behind: string | null
  readonly limit: number
}

/** In the order in which they were found. */
export async function listChanges(pool: Pool, projectId: string, { filter, behind, limit }: FeedPage) {
  const { kind, verdict, vantage, net, port, scanId, since, until, order } = filter
  const values = [projectId, behind, kind, verdict, vantage, net, port, scanId, since, until, limit]
  const { rows } = await pool.query<ChangeRow>(
    FEED(order),
    values.map((value) => value ?? null),
  )
  return rows.map(viewOf)
}

/** Newest first. */
export async function changesOf(pool: Pool, endpointId: string, behind: string | null, limit: number) {
  const { rows } = await pool.query<ChangeRow>(
    `SELECT ${COLUMNS} FROM changes c JOIN endpoints e ON e.id = c.endpoint_id
     WHERE c.endpoint_id = $1 AND ($2::uuid IS NULL OR c.id < $2) ORDER BY c.id DESC LIMIT $3`,
    [endpointId, behind, limit],
  )
  return rows.map(viewOf)
}

/** Newest first, over all ports and vantages. */
export async function changesAt(pool: Pool, projectId: string, ip: string, limit: number): Promise<Change[]> {
  const { rows } = await pool.query<ChangeRow>(
    `SELECT ${COLUMNS} FROM changes c JOIN endpoints e ON e.id = c.endpoint_id
     WHERE c.project_id = $1 AND c.ip = $2 ORDER BY c.id DESC LIMIT $3`,
    [projectId, ip, limit],
  )
  return rows.map(viewOf)
}

function viewOf(row: ChangeRow): Change {
  const { id, kind, verdict, vantage, ip, transport, port } = row
  return {
    id,
    kind,
    verdict,
    at: row.at.toISOString(),
    scanId: row.scan_id,
    endpointId: row.endpoint_id,
    endpoint: { vantage, ip, transport, port },
    before: row.before && snapshotOf(row.before),
    after: row.after && snapshotOf(row.after),
  }
}

export function snapshotOf(stored: StoredSnapshot): Snapshot {
  const { state, service = null, product = null, version = null, info = null, os = null, hostname = null } = stored
  const { cpe = [], certificate = null } = stored
  const told = certificate && {
    sha256: certificate.sha256,
    notAfter: certificate.notAfter ? new Date(certificate.notAfter).toISOString() : null,
  }
  return { state, service, product, version, info, os, hostname, cpe, certificate: told }
}
