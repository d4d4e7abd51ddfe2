import { closePort } from '@portolan/core/exposure/firewall/close-port.ts'
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import type { Pool, PoolClient } from 'pg'
import type { Finding, FindingEvent, FindingFacets, ListFindings } from './schema.ts'

interface FindingRow {
  readonly id: string
  readonly policy_id: string
  readonly rule_id: string
  readonly severity: Finding['severity']
  readonly statusNow: Finding['status']
  readonly endpoint_id: string | null
  readonly detail: { readonly endpoint: EndpointKey; readonly kinds: string[]; readonly text: string }
  readonly reason: string | null
  readonly assignee: string | null
  readonly snoozed_until: Date | null
  readonly opened_at: Date
  readonly updated_at: Date
  readonly resolved_at: Date | null
  readonly revision: number
}

export type FindingFilter = Omit<ListFindings, 'limit' | 'cursor' | 'facets'>

/** A snoozed finding whose time is over is open, also before the next scan says so and tells it. */
const IS_OVER = `(status = 'snoozed' AND snoozed_until <= now())`
export const STATUS_NOW = `CASE WHEN ${IS_OVER} THEN 'open' ELSE status END`

const MATCHING = `project_id = $1
  AND ($2::text[] IS NULL OR status = ANY ($2) AND NOT ${IS_OVER} OR 'open' = ANY ($2) AND ${IS_OVER}) AND ($3::text[] IS NULL OR severity = ANY ($3))
  AND ($4::uuid IS NULL OR policy_id = $4) AND ($5::text IS NULL OR assignee = $5)`

const valuesOf = (projectId: string, { status, severity, policyId, assignee }: FindingFilter) => [
  projectId,
  status ?? null,
  severity ?? null,
  policyId ?? null,
  assignee ?? null,
]

export type FindingsPage = { readonly filter: FindingFilter; readonly before: string | null; readonly limit: number }

/** Newest first. */
export async function listFindings(pool: Pool, projectId: string, { filter, before, limit }: FindingsPage) {
  const { rows } = await pool.query<FindingRow>(
    `SELECT *, ${STATUS_NOW} AS "statusNow" FROM findings WHERE ${MATCHING} AND ($6::uuid IS NULL OR id < $6) ORDER BY id DESC LIMIT $7`,
    [...valuesOf(projectId, filter), before, limit],
  )
  return rows.map(viewOf)
}

export async function countFindings(pool: Pool, projectId: string, filter: FindingFilter): Promise<FindingFacets> {
  const { rows } = await pool.query<{ status: string | null; severity: string | null; count: number }>(
    `SELECT status, severity, count(*)::int AS count
     FROM (SELECT ${STATUS_NOW} AS status, severity FROM findings WHERE ${MATCHING}) AS matching
     GROUP BY GROUPING SETS (status, severity) ORDER BY count DESC, 1, 2`,
    valuesOf(projectId, filter),
  )
  const countsBy = (facet: 'status' | 'severity') =>
    rows.flatMap(({ count, ...by }) => (by[facet] === null ? [] : [{ value: by[facet], count }]))
  return { status: countsBy('status'), severity: countsBy('severity') }
}

export async function findFinding(db: Pool | PoolClient, projectId: string, id: string): Promise<Finding | null> {
  const { rows } = await db.query<FindingRow>(
    `SELECT *, ${STATUS_NOW} AS "statusNow" FROM findings WHERE id = $1 AND project_id = $2`,
    [id, projectId],
  )
  return rows[0] ? viewOf(rows[0]) : null
}

/** What a person may set. Left out: as it is. */
export interface Decision {
  readonly kind: FindingEvent['kind']
  readonly status?: Finding['status']
  readonly reason?: string
  readonly snoozedUntil?: string
  readonly assignee?: string | null
  /** Shown in the timeline. */
  readonly body: Readonly<Record<string, unknown>>
}

export async function decide(client: PoolClient, id: string, decision: Decision, actor: string | null): Promise<void> {
  const { kind, status = null, reason = null, snoozedUntil = null, assignee, body } = decision
  await client.query(
    `UPDATE findings SET updated_at = now(), revision = revision + 1, status = coalesce($2, status),
       reason = coalesce($3, reason), snoozed_until = CASE WHEN $2::text IS NULL THEN snoozed_until ELSE $4 END,
       resolved_at = CASE WHEN $2 = 'resolved' THEN now() ELSE resolved_at END,
       assignee = CASE WHEN $5 THEN $6 ELSE assignee END
     WHERE id = $1`,
    [id, status, reason, snoozedUntil, assignee !== undefined, assignee ?? null],
  )
  await client.query('INSERT INTO finding_events (finding_id, kind, actor, body) VALUES ($1, $2, $3, $4)', [
    id,
    kind,
    actor,
    JSON.stringify(body),
  ])
}

interface EventRow {
  readonly id: string
  readonly kind: FindingEvent['kind']
  readonly actor: string | null
  readonly body: Record<string, unknown> | null
  readonly at: Date
}

/** Oldest first. */
export async function timelineOf(pool: Pool, findingId: string, after: string | null, limit: number) {
  const { rows } = await pool.query<EventRow>(
    `SELECT id, kind, actor, body, at FROM finding_events
     WHERE finding_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
    [findingId, after, limit],
  )
  return rows.map((row): FindingEvent => ({ ...row, at: row.at.toISOString() }))
}

function viewOf(row: FindingRow): Finding {
  const { endpoint, kinds, text } = row.detail
  return {
    id: row.id,
    policyId: row.policy_id,
    ruleId: row.rule_id,
    severity: row.severity,
    status: row.statusNow,
    endpoint,
    endpointId: row.endpoint_id,
    kinds,
    meaning: text,
    close: kinds.includes('unexpected-closed') ? null : closePort(endpoint),
    reason: row.reason,
    assignee: row.assignee,
    snoozedUntil: row.statusNow === 'snoozed' ? (row.snoozed_until?.toISOString() ?? null) : null,
    openedAt: row.opened_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    revision: row.revision,
  }
}
