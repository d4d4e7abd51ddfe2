import type { Sighting } from '@portolan/core/exposure/sighting.ts'

export type SightingRow = Omit<Sighting, 'service'> & {
  readonly service: string | null
  readonly product: string | null
  readonly version: string | null
  readonly tls_sha256: string | null
  readonly tls_not_after: Date | null
}

/** Of endpoints, as `e`. */
export const SIGHTING_COLUMNS = `e.vantage, host(e.ip) AS ip, e.transport, e.port, e.state, e.service, e.product, e.version,
  e.tls_sha256, e.tls_not_after`

export function sightingOf({ service, product, version, ...row }: SightingRow): Sighting {
  const { tls_sha256: sha256, tls_not_after: end, ...seen } = row
  const certificate = sha256 === null || end === null ? null : { sha256, notAfter: end.toISOString() }
  return { ...seen, service: service === null ? null : { name: service, product, version, certificate } }
}
