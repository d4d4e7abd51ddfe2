/** What is remembered, as the evidence a policy is held against. */
import type { Evidence } from '@portolan/core/exposure/evaluate-policy.ts'
import { type PolicyDocument, selectsByName } from '@portolan/core/exposure/policy-document.ts'
import { endpointId, type Sighting } from '@portolan/core/exposure/sighting.ts'
import { loadHostLabels } from '@portolan/db/host-labels.ts'
import type { Pool } from 'pg'
import { endpointsAtMoment } from '../endpoints/at-moment.ts'
import { createParameters } from '../endpoints/compile-query.ts'

/** Endpoints taken into memory at once. */
export const MOST_ENDPOINTS = 200_000

type Row = Omit<Sighting, 'service'> & {
  readonly service: string | null
  readonly product: string | null
  readonly version: string | null
  readonly tls_sha256: string | null
  readonly tls_not_after: Date | null
}

/**
 * `at` null: now. `document`: what it will be held against. An endpoint counts as looked at when it has been seen before,
 * open or not. Names and tags are those of now: a policy is tried on the past, not on what hosts were called then.
 */
export async function remembered(
  pool: Pool,
  projectId: string,
  at: string | null,
  document: PolicyDocument | null = null,
): Promise<Evidence & { readonly complete: boolean }> {
  const parameters = createParameters()
  const table = at === null ? 'endpoints' : endpointsAtMoment(parameters.add(at))
  const { rows } = await pool.query<Row>(
    `SELECT e.vantage, host(e.ip) AS ip, e.transport, e.port, e.state, e.service, e.product, e.version, e.tls_sha256,
       e.tls_not_after
     FROM ${table} e WHERE e.project_id = ${parameters.add(projectId)}
     ORDER BY e.ip, e.port, e.transport, e.vantage LIMIT ${parameters.add(MOST_ENDPOINTS)}`,
    parameters.values,
  )
  const known = new Set(rows.map(endpointId))
  return {
    open: rows.filter(({ state }) => state === 'open').map(sightingOf),
    vantages: [...new Set(rows.map(({ vantage }) => vantage))],
    covers: (endpoint) => known.has(endpointId(endpoint)),
    labels: await loadHostLabels(pool, projectId, document && selectsByName(document) ? null : []),
    complete: rows.length < MOST_ENDPOINTS,
  }
}

function sightingOf({ service, product, version, tls_sha256, tls_not_after, ...seen }: Row): Sighting {
  const certificate =
    tls_sha256 === null
      ? null
      : { sha256: tls_sha256, notAfter: tls_not_after?.toISOString() ?? '9999-12-31T00:00:00Z' }
  return { ...seen, service: service === null ? null : { name: service, product, version, certificate } }
}
