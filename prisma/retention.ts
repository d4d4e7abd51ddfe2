/**
 * How long observations are kept. What is remembered of endpoints and what changed on them stays for ever; this is about
 * the rows of single scans. They are partitioned by month, so months are what becomes old.
 */
import type { ClientBase, Pool } from 'pg'

/** Days after the end of a month; null: never. */
export type Retention = {
  /** From then on only the first, the last and every changed sighting of an endpoint is kept. */
  readonly thinAfterDays: number | null
  /** From then on nothing is. */
  readonly dropAfterDays: number | null
}

export const KEEP_ALL: Retention = { thinAfterDays: null, dropAfterDays: null }

export async function loadRetention(db: Pool | ClientBase): Promise<Retention> {
  const { rows } = await db.query<{ value: Retention }>(`SELECT value FROM settings WHERE name = 'retention'`)
  return rows[0]?.value ?? KEEP_ALL
}

export type OldMonth = {
  /** `2026-11` */
  readonly month: string
  /** Its partition. */
  readonly table: string
  /** Its first scan id, and the first one after it. */
  readonly from: string
  readonly to: string
  /** PostgreSQL's own estimate. */
  readonly rows: number
  readonly bytes: number
}

const MONTHS = `
  SELECT to_char(m.month, 'YYYY-MM') AS month, m.name AS table, uuid_v7_floor(m.month AT TIME ZONE 'UTC') AS from,
    uuid_v7_floor((m.month + interval '1 month') AT TIME ZONE 'UTC') AS to, m.rows, m.bytes
  FROM (
    SELECT c.relname AS name, to_timestamp(c.relname, '"observations_"YYYY_MM') AT TIME ZONE 'UTC' AS month,
      greatest(c.reltuples, 0)::bigint AS rows, pg_total_relation_size(c.oid) AS bytes
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'observations'::regclass AND c.relname ~ '^observations_\\d{4}_\\d\\d$'
  ) m
  WHERE (m.month + interval '1 month') AT TIME ZONE 'UTC' + $1 * interval '1 day' <= $2
  ORDER BY m.month`

/** The months that ended `days` days before `now` or earlier, oldest first; none when `days` is null. */
export async function monthsOlderThan(
  db: Pool | ClientBase,
  days: number | null,
  now: Date,
): Promise<readonly OldMonth[]> {
  return days === null ? [] : (await db.query<OldMonth>(MONTHS, [days, now])).rows
}

/** Scans of a month that have ended and are not thinned yet. */
export async function scansToThin(db: Pool | ClientBase, { from, to }: OldMonth): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM scans WHERE id >= $1 AND id < $2 AND results = 'whole' AND finished_at IS NOT NULL ORDER BY id`,
    [from, to],
  )
  return rows.map(({ id }) => id)
}

/**
 * FROM and WHERE: the observations `o` of the scans $1 (uuid[]) that say nothing the first, the last and the changed
 * ones do not.
 */
export const REDUNDANT = `
  FROM observations o JOIN scans s ON s.id = o.scan_id
    LEFT JOIN endpoints e ON e.project_id = s.project_id
      AND (e.ip, e.port, e.transport, e.vantage) = (o.ip, o.port, o.transport, o.vantage)
  WHERE o.scan_id = ANY ($1::uuid[]) AND (e.id IS NULL OR NOT (
    o.seen_at <= e.first_seen OR o.seen_at >= e.last_seen OR o.scan_id = e.last_scan_id
    OR EXISTS (SELECT FROM changes c WHERE c.endpoint_id = e.id AND c.scan_id = o.scan_id)))`
