/**
 * Holds what a scan saw against the project's policies: findings open, change, resolve when what was wrong is looked
 * at again and is right, and reopen when it is back. Runs in the transaction that finishes the scan, after its history.
 */
import type { Evidence } from '@portolan/core/exposure/evaluate-policy.ts'
import type { HostLabels } from '@portolan/core/exposure/host-labels.ts'
import { selectsByName } from '@portolan/core/exposure/policy-document.ts'
import { loadCoverage } from '@portolan/db/coverage.ts'
import { loadHostLabels } from '@portolan/db/host-labels.ts'
import { NO_TARPIT } from '@portolan/db/tarpits.ts'
import type pg from 'pg'
import { SIGHTING_COLUMNS, type SightingRow, sightingOf } from './sightings.ts'
import { resolveFindings } from './store-findings.ts'
import { storeViolations } from './store-violations.ts'
import { keyOf, readPolicy, type StoredPolicy, subjectOf, violationsOf } from './violations.ts'

export async function recordFindings(client: pg.ClientBase, scanId: string, projectId: string): Promise<void> {
  const { rows: policies } = await client.query<StoredPolicy>(
    'SELECT id, name, document FROM policies WHERE project_id = $1 AND enabled ORDER BY id',
    [projectId],
  )
  if (policies.length === 0) return
  const named = policies.some(({ document }) => selectsByName(document))
  // A project may have names by the hundred thousand.
  const labels = await loadHostLabels(client, projectId, named ? null : [])
  const evidence = await evidenceOf(client, scanId, labels)
  const seen = new Set(evidence.open.map(subjectOf))
  const now = Date.now()
  for (const policy of policies) {
    const readable = readPolicy(policy)
    if (readable === null) continue
    const violations = violationsOf(readable, evidence, now)
    const known = await storeViolations(client, { projectId, policyId: policy.id }, violations, now)
    const right = [...known.values()].filter(
      (finding) =>
        finding.status !== 'resolved' &&
        !violations.has(keyOf(finding)) &&
        (seen.has(finding.subject) || evidence.covers(finding.detail.endpoint)),
    )
    await resolveFindings(
      client,
      right.map(({ id }) => id),
    )
  }
}

/** What the scan saw open, with everything remembered about it. */
const OPEN = `
  SELECT ${SIGHTING_COLUMNS} FROM scans s JOIN observations o ON o.scan_id = s.id JOIN endpoints e ON e.project_id = s.project_id
    AND (e.ip, e.port, e.transport, e.vantage) = (o.ip, o.port, o.transport, o.vantage)
  WHERE s.id = $1 AND o.state = 'open' AND e.state = 'open' AND ${NO_TARPIT}`

async function evidenceOf(client: pg.ClientBase, scanId: string, labels: HostLabels): Promise<Evidence> {
  const { rows } = await client.query<SightingRow>(OPEN, [scanId])
  const scans = await client.query<{ vantages: string[] }>('SELECT vantages FROM scans WHERE id = $1', [scanId])
  const covers = await loadCoverage(client, scanId)
  return { open: rows.map(sightingOf), vantages: scans.rows[0]?.vantages ?? [], covers, labels }
}
