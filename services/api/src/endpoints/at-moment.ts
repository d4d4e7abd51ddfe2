/**
 * Endpoints as they were. Between two changes nothing changes: what an endpoint was at a moment is what the next change
 * after it found before, or what it is now when there was none.
 */
const TEXTS = ['service', 'product', 'version', 'vendor', 'info', 'os', 'device', 'hostname']

/** What a second look did not bear out changed nothing, except that what fell silent is taken for closed. */
const lastChanged = (at: string) => `coalesce((SELECT max(c.at) FROM changes c WHERE c.endpoint_id = e.id
  AND c.at <= ${at}::timestamptz AND (c.verdict <> 'unconfirmed' OR c.kind = 'closed')), e.first_seen)`

const then = (now: string, before: string) => `CASE WHEN n.id IS NULL THEN ${now} ELSE ${before} END`

export interface Reading {
  /** A table with the columns of `endpoints`. */
  readonly endpoints: string
  /** A condition on `e` as it is now, which leaves all that is wanted. */
  readonly may: string
}

const EVERYTHING: Reading = { endpoints: 'endpoints', may: 'true' }

/** A table with the columns of `endpoints`, for a FROM clause; `at` is a placeholder. */
export function endpointsAtMoment(at: string, { endpoints, may } = EVERYTHING): string {
  const state = then('e.state', `(n.before ->> 'state')::port_state`)
  // Nothing tells when a port that was open was seen last before a later look: it was there until the moment itself. One
  // that had closed was seen no later than that.
  const seenUntil = `CASE WHEN ${state} = 'open' THEN ${at}::timestamptz ELSE ${lastChanged(at)} END`
  return `(SELECT e.id, e.project_id, e.vantage, e.ip, e.transport, e.port, e.first_seen, e.flaps,
      CASE WHEN n.id IS NULL AND e.last_seen <= ${at}::timestamptz THEN e.last_scan_id END AS last_scan_id,
      ${state} AS state,
      ${TEXTS.map((name) => `${then(`e.${name}`, `n.before ->> '${name}'`)} AS ${name}`).join(', ')},
      (${then('e.version_key', `n.before ->> 'versionKey'`)}) COLLATE "C" AS version_key,
      ${then('e.cpe', `ARRAY (SELECT jsonb_array_elements_text(n.before -> 'cpe'))`)} AS cpe,
      ${then('e.tls_sha256', `n.before #>> '{certificate,sha256}'`)} AS tls_sha256,
      ${then('e.tls_not_after', `(n.before #>> '{certificate,notAfter}')::timestamptz`)} AS tls_not_after,
      ${then('e.evidence_text', 'NULL')} AS evidence_text,
      least(e.last_seen, ${seenUntil}) AS last_seen,
      ${lastChanged(at)} AS last_changed
    FROM ${endpoints} e LEFT JOIN LATERAL (
      SELECT c.id, c.before FROM changes c WHERE c.endpoint_id = e.id AND c.at > ${at}::timestamptz ORDER BY c.at LIMIT 1
    ) n ON true
    WHERE e.first_seen <= ${at}::timestamptz AND ${may})`
}
