/**
 * An exposure policy: what may be reachable. Read like a firewall's rule list: for every open port the first rule whose
 * selectors match decides, and what no rule speaks of falls to the policy's default, which denies.
 */
import type { AddressSet } from '#core/target/address-set.ts'
import type { PortSet } from '#core/target/port-set.ts'

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical'

export interface Policy {
  readonly name: string
  readonly rules: readonly PolicyRule[]
  /** What happens to an open port no rule speaks of. */
  readonly otherwise: { readonly effect: 'allow' } | { readonly effect: 'forbid'; readonly severity: Severity }
}

/** Which endpoints a rule speaks of. A selector that is null selects everything. */
export interface PolicySelector {
  readonly addresses: AddressSet | null
  /** Patterns of host names, as `parseNamePattern` leaves them: selects hosts that were scanned under one of them. */
  readonly names: readonly string[] | null
  /** Selects hosts that carry one of them. */
  readonly tags: readonly string[] | null
  readonly vantages: readonly string[] | null
  readonly ports: PortSet | null
  /** Service names (`telnet`, `http`): selects a service wherever it runs. Endpoints not identified do not match. */
  readonly services: readonly string[] | null
  /** Product names (`Elasticsearch`): selects a product wherever it runs, and nothing whose product is not known. */
  readonly products: readonly string[] | null
  /** With `services`: what nobody could identify is selected as well. */
  readonly unidentified?: boolean
}

export interface PolicyRule extends PolicySelector {
  readonly id: string
  /**
   * `allow`: may be open, if the conditions hold. `require`: must be open as well, a closed port is a violation too.
   * `forbid`: must not be open.
   */
  readonly effect: 'allow' | 'require' | 'forbid'
  readonly conditions: PolicyConditions
  readonly severity: Severity
  readonly owner: string | null
  readonly reason: string | null
  /** Milliseconds since 1970; from then on the rule no longer allows, and what it allowed is a violation. */
  readonly expiresAt: number | null
}

/** What must be true of an allowed endpoint. An unidentified service fails no condition: absence is not evidence. */
export interface PolicyConditions {
  readonly services?: readonly string[]
  readonly products?: readonly string[]
  /** Oldest version that will do, in the vendor's own order. */
  readonly minVersion?: string
  /** Days of validity a certificate must have left. */
  readonly minCertificateDays?: number
}

export type ViolationKind =
  | 'unexpected-open'
  | 'unexpected-closed'
  | 'wrong-service'
  | 'wrong-product'
  | 'version-too-old'
  | 'certificate-expiring'
  | 'rule-expired'
