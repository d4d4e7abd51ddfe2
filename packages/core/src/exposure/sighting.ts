/** What one scan saw, reduced to what can change: the input of diffing and of policy evaluation. */
import type { PortState } from '#core/engine/engine.ts'
import type { Transport } from '#core/target/probe-space.ts'

/** The identity of an endpoint over time. */
export interface EndpointKey {
  readonly vantage: string
  /** Canonical text form of the address. */
  readonly ip: string
  readonly transport: Transport
  readonly port: number
}

export interface SightedService {
  readonly name: string
  readonly product: string | null
  readonly version: string | null
  /** Lower-case hex SHA-256 of the certificate, and its end of validity (ISO 8601); null outside TLS. */
  readonly certificate: { readonly sha256: string; readonly notAfter: string } | null
}

export interface Sighting extends EndpointKey {
  readonly state: PortState
  /** Null: not asked, or not identified. Never a change by itself. */
  readonly service: SightedService | null
}

export function endpointId(key: EndpointKey): string {
  return `${key.vantage} ${key.transport} ${key.ip} ${key.port}`
}
