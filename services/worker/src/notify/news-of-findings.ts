/** What became of findings in this transaction. */
import { closePort } from '@portolan/core/exposure/firewall/close-port.ts'
import type { News, NewsType } from '@portolan/core/exposure/news.ts'
import type { Severity } from '@portolan/core/exposure/policy.ts'
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import type pg from 'pg'

type FindingRow = {
  readonly eventId: string
  readonly kind: string
  readonly at: Date
  readonly id: string
  readonly policyId: string
  readonly policy: string
  readonly ruleId: string
  readonly severity: Severity
  readonly status: string
  readonly detail: { readonly endpoint: EndpointKey; readonly kinds: readonly string[]; readonly text: string }
}

/** Of findings that somebody has put to sleep only the end is told. */
const FINDINGS = `
  SELECT v.id AS "eventId", v.kind, v.at, f.id, f.policy_id AS "policyId",
    p.name AS policy, f.rule_id AS "ruleId", f.severity, f.status, f.detail
  FROM finding_events v JOIN findings f ON f.id = v.finding_id JOIN policies p ON p.id = f.policy_id
  WHERE v.at = now() AND v.actor IS NULL AND f.project_id = $1
    AND (v.kind IN ('opened', 'resolved', 'reopened') OR v.kind = 'updated' AND f.status = 'open')
  ORDER BY v.id`

type Cause = {
  readonly projectId: string
  /** Null: no scan, but the time. */
  readonly scanId: string | null
  readonly scheduleId: string | null
}

export async function newsOfFindings(client: pg.ClientBase, cause: Cause): Promise<readonly News[]> {
  const { rows } = await client.query<FindingRow>(FINDINGS, [cause.projectId])
  return rows.map((row) => newsOfFinding(row, cause))
}

export const whereIs = ({ ip, transport, port, vantage }: EndpointKey) =>
  `${ip.includes(':') ? `[${ip}]` : ip} ${transport}/${port} (from ${vantage})`

function newsOfFinding({ eventId, kind, ...row }: FindingRow, { scanId, scheduleId }: Cause): News {
  const { id, policyId, policy, ruleId, severity, status } = row
  const { endpoint, kinds, text } = row.detail
  const at = row.at.toISOString()
  const close = kinds.includes('unexpected-closed') || status === 'resolved' ? null : closePort(endpoint)
  return {
    // because FINDINGS asks for these four kinds only
    type: `finding.${kind}` as NewsType,
    key: `finding ${eventId}`,
    at,
    // What it means is what was wrong: of one that is right again that is the past.
    text: `${whereIs(endpoint)}: finding ${kind} (${severity})${kind === 'resolved' ? '; it was' : ''}: ${text}`,
    severity,
    place: endpoint,
    scheduleId,
    data: { id, policyId, policy, ruleId, status, at, scanId, scheduleId, endpoint, kinds, meaning: text, close },
  }
}
