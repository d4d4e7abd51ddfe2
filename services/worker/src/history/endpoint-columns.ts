/** The columns of a service, and how a new look at an open port is merged into what is remembered of it. */

/** About the identification: replaced as one when the service or its version is another. */
const IDENTITY = [
  'detection',
  'method',
  'confidence',
  'service',
  'version',
  'version_key',
  'vendor',
  'info',
  'os',
  'device',
  'hostname',
  'cpe',
  'facts',
  'evidence_text',
]
/** What outlives a new version when the new look says nothing of it. */
const LASTING = ['product', 'tls', 'tls_not_after', 'tls_sha256']

export const SERVICE_COLUMNS: readonly string[] = [...IDENTITY, ...LASTING]

/**
 * SQL for each column, from `n` (seen now), `e` (remembered) and the flags `other` (another service, or the port was
 * not open) and `upgraded`. A look that says nothing erases nothing: what it left out would be news next time.
 */
export const MERGED: readonly string[] = [
  ...IDENTITY.map((name) => merged(name, 'other OR upgraded')),
  ...LASTING.map((name) => merged(name, 'other')),
]

function merged(name: string, replaced: string): string {
  return `CASE WHEN ${replaced} THEN n.${name} ELSE coalesce(n.${name}, e.${name}) END AS ${name}`
}

/** A side of a change, as stored in `changes.before` and `changes.after`. */
export function snapshot(row: string, state: string): string {
  const told = ['service', 'product', 'version', 'vendor', 'info', 'os', 'device', 'hostname']
  const fields = told.map((name) => `'${name}', ${row}.${name}`).join(', ')
  return `jsonb_strip_nulls(jsonb_build_object('state', ${state}, ${fields}, 'versionKey', ${row}.version_key,
    'cpe', to_jsonb(${row}.cpe),
    'certificate', CASE WHEN ${row}.tls_sha256 IS NOT NULL THEN
      jsonb_build_object('sha256', ${row}.tls_sha256, 'notAfter', ${row}.tls_not_after) END))`
}
