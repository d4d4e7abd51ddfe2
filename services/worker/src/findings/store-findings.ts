import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import type pg from 'pg'
import { type Found, keyOf } from './violations.ts'

/** A finding there is. */
export type Known = {
  readonly id: string
  readonly ruleId: string
  readonly subject: string
  readonly status: 'open' | 'acknowledged' | 'snoozed' | 'resolved'
  readonly severity: string
  readonly snoozedUntil: Date | null
  readonly detail: { readonly endpoint: EndpointKey; readonly text: string }
}

/** Every finding of a policy, by `keyOf`. */
export async function knownFindings(client: pg.ClientBase, policyId: string): Promise<Map<string, Known>> {
  const { rows } = await client.query<Known>(
    `SELECT id, rule_id AS "ruleId", subject, status, severity, snoozed_until AS "snoozedUntil", detail
     FROM findings WHERE policy_id = $1`,
    [policyId],
  )
  return new Map(rows.map((row) => [keyOf(row), row]))
}

const OPEN = `
  INSERT INTO findings (project_id, policy_id, rule_id, subject, severity, detail, endpoint_id, opened_at, updated_at)
  SELECT $1, $2, f.rule_id, f.subject, f.severity, f.detail::jsonb, e.id, now(), now()
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS f (rule_id, subject, severity, detail)
    LEFT JOIN endpoints e ON e.project_id = $1 AND e.ip = (f.detail::jsonb #>> '{endpoint,ip}')::inet
      AND e.port = (f.detail::jsonb #>> '{endpoint,port}')::int AND e.vantage = f.detail::jsonb #>> '{endpoint,vantage}'
      AND e.transport = (f.detail::jsonb #>> '{endpoint,transport}')::transport
  ON CONFLICT (policy_id, rule_id, subject) DO NOTHING RETURNING id`

export async function openFindings(
  client: pg.ClientBase,
  { projectId, policyId }: { readonly projectId: string; readonly policyId: string },
  found: readonly Found[],
): Promise<void> {
  if (found.length === 0) return
  const columns = [found.map((f) => f.ruleId), found.map((f) => f.subject), found.map((f) => f.severity)]
  const { rows } = await client.query<{ id: string }>(OPEN, [projectId, policyId, ...columns, found.map(detailOf)])
  const ids = rows.map(({ id }) => id)
  await addEvents(client, ids, 'opened')
}

/** What is wrong now differs from what was, or is wrong again. */
export async function renewFindings(
  client: pg.ClientBase,
  renewed: readonly { readonly known: Known; readonly found: Found; readonly reopened: boolean }[],
): Promise<void> {
  if (renewed.length === 0) return
  await client.query(
    `UPDATE findings SET severity = n.severity, detail = n.detail::jsonb, updated_at = now(), revision = revision + 1,
       status = CASE WHEN n.reopened THEN 'open' ELSE status END,
       resolved_at = CASE WHEN n.reopened THEN NULL ELSE resolved_at END,
       snoozed_until = CASE WHEN n.reopened THEN NULL ELSE snoozed_until END
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bool[]) AS n (id, severity, detail, reopened)
     WHERE findings.id = n.id`,
    [
      renewed.map(({ known }) => known.id),
      renewed.map(({ found }) => found.severity),
      renewed.map(({ found }) => detailOf(found)),
      renewed.map(({ reopened }) => reopened),
    ],
  )
  const idsOf = (reopened: boolean) => renewed.filter((r) => r.reopened === reopened).map(({ known }) => known.id)
  await addEvents(client, idsOf(true), 'reopened')
  await addEvents(client, idsOf(false), 'updated')
}

export async function resolveFindings(client: pg.ClientBase, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await client.query(
    `UPDATE findings SET status = 'resolved', resolved_at = now(), updated_at = now(), revision = revision + 1,
       snoozed_until = NULL WHERE id = ANY ($1::uuid[])`,
    [ids],
  )
  await addEvents(client, ids, 'resolved')
}

const detailOf = ({ endpoint, kinds, text }: Found) => JSON.stringify({ endpoint, kinds, text })

async function addEvents(client: pg.ClientBase, ids: readonly string[], kind: string): Promise<void> {
  if (ids.length === 0) return
  await client.query(
    `INSERT INTO finding_events (finding_id, kind, body)
     SELECT f.id, $2, jsonb_build_object('text', f.detail ->> 'text', 'severity', f.severity)
     FROM unnest($1::uuid[]) AS n (id) JOIN findings f USING (id)`,
    [ids, kind],
  )
}
