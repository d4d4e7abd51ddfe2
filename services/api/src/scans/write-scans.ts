/** Scans, their pinned targets, their audit entries and the answers kept for repetitions: all of it in one statement. */
import type { Pool, PoolClient } from 'pg'
import { overtaken } from '../http/idempotency.ts'
import type { PinnedRange } from './pinned-ranges.ts'

/** One scan to write; the names are those of the columns. */
export interface NewScanRow {
  readonly id: string
  readonly project_id: string
  readonly key_id: string | null
  readonly request: object
  readonly label: string | null
  readonly priority: number
  readonly engine: string
  readonly services: string
  readonly record: string
  /** Hexadecimal. */
  readonly seed: string
  readonly rate: number | null
  readonly per_host_rate: number | null
  readonly discovery: boolean
  readonly vantages: readonly string[]
  readonly tcp_ports: string | null
  readonly udp_ports: string | null
  readonly hosts_total: number
  readonly probes_total: number
  readonly refused: readonly object[]
  readonly rerun_of: string | null
  readonly schedule_id: string | null
  readonly created_at: Date
  readonly timeout_seconds: number | null
  readonly windows: object | null
  readonly held: boolean
  readonly status_reason: string | null
  readonly targets: readonly PinnedRange[]
  /** Where the names among its targets led. */
  readonly names: readonly { readonly name: string; readonly addresses: readonly string[] }[]
  readonly actor: string
  readonly address: string | null
  readonly request_id: string | null
  /** Of a claim that the answer completes. */
  readonly idempotency_key: string | null
  readonly claimed_at: string | null
  readonly answer: { readonly headers: object; readonly body: unknown } | null
}

/**
 * One parameter, however many scans: parsing JSON is cheaper for both sides than thirty arrays. Each entry has its place
 * in time, so the audit log keeps the order of the requests.
 */
const INSERT = {
  name: 'scans-insert',
  text: `WITH sent AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset($1::jsonb) AS g (id uuid, project_id uuid, key_id uuid, request jsonb, label text,
        priority integer, engine text, services text, record text, seed text, rate integer, per_host_rate integer,
        discovery boolean, vantages text[], tcp_ports int4multirange, udp_ports int4multirange, hosts_total bigint,
        probes_total bigint, refused jsonb, rerun_of uuid, schedule_id uuid, created_at timestamptz, timeout_seconds integer, windows jsonb,
        held boolean, status_reason text, targets jsonb, names jsonb, actor text,
        address inet, request_id text, idempotency_key text, claimed_at timestamptz,
        answer jsonb)
    ), held AS MATERIALIZED (
      -- Claims that nobody has taken over, and now nobody can until this is written. In one order, as below.
      SELECT k.project_id, k.key FROM sent s JOIN idempotency_keys k
        ON k.project_id = s.project_id AND k.key = s.idempotency_key AND k.created_at = s.claimed_at
      WHERE k.status IS NULL ORDER BY k.project_id, k.key FOR UPDATE OF k
    ), given AS MATERIALIZED (
      SELECT * FROM sent s WHERE s.idempotency_key IS NULL
        OR (s.project_id, s.idempotency_key) IN (SELECT project_id, key FROM held)
    ), scan AS (
      INSERT INTO scans (id, project_id, key_id, request, label, priority, engine, services, record, seed, rate,
        per_host_rate, discovery, vantages, tcp_ports, udp_ports, hosts_total, probes_total, refused, rerun_of,
        schedule_id, created_at, timeout_seconds, windows, held, status_reason)
      SELECT id, project_id, key_id, request, label, priority, engine, services, record, decode(seed, 'hex'), rate,
        per_host_rate, discovery, vantages, tcp_ports, udp_ports, hosts_total, probes_total, refused, rerun_of,
        schedule_id, created_at, timeout_seconds, windows, held, status_reason FROM given
    ), pinned AS (
      INSERT INTO scan_targets (scan_id, ordinal, spec, name, range_start, range_end)
      SELECT g.id, t.ordinal - 1, t.spec, t.name, t.first, t.last FROM given g, ROWS FROM (
        jsonb_to_recordset(g.targets) AS (spec text, name text, first inet, last inet)
      ) WITH ORDINALITY AS t (spec, name, first, last, ordinal)
    ), named AS (
      -- In one order, so that no two of these wait for each other.
      INSERT INTO host_names (project_id, name, addresses, asked_at)
      SELECT DISTINCT ON (g.project_id, n.name) g.project_id, n.name, n.addresses, g.created_at
      FROM given g, jsonb_to_recordset(g.names) AS n (name text, addresses inet[])
      ORDER BY g.project_id, n.name, g.created_at DESC
      ON CONFLICT (project_id, name) DO UPDATE SET addresses = EXCLUDED.addresses, asked_at = EXCLUDED.asked_at
        WHERE host_names.asked_at <= EXCLUDED.asked_at
    ), audited AS (
      INSERT INTO audit_entries (project_id, key_id, actor, action, target_type, target_id, address, request_id, after)
      SELECT project_id, key_id, actor, 'scan.start', 'scan', id::text, address, request_id, request FROM given
    ), answered AS (
      UPDATE idempotency_keys k SET status = 202, headers = g.answer -> 'headers', response = g.answer -> 'body'
      FROM given g WHERE k.project_id = g.project_id AND k.key = g.idempotency_key
    )
    SELECT id FROM given`,
}

/** All of them or none, but for those whose claim went to another request; the ids of those that are written. */
export async function writeScans(db: Pool | PoolClient, scans: readonly NewScanRow[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ id: string }>({ ...INSERT, values: [JSON.stringify(scans)] })
  return new Set(rows.map(({ id }) => id))
}

/** Throws when its claim went to another request. */
export async function writeScan(db: Pool | PoolClient, scan: NewScanRow): Promise<void> {
  if (!(await writeScans(db, [scan])).has(scan.id)) throw overtaken()
}
