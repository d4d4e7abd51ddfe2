/** Holds what a scan saw against a policy. Pure: the same sightings, policy and moment give the same violations. */

import { formatAddress, parseAddress } from '#core/target/address.ts'
import { addressesOf, contains } from '#core/target/address-set.ts'
import { hasPort, listPorts } from '#core/target/port-set.ts'
import type { Transport } from '#core/target/probe-space.ts'
import { wildcard } from '#core/target/wildcard.ts'
import type { HostLabels } from './host-labels.ts'
import type { Policy, PolicyRule, PolicySelector, Severity, ViolationKind } from './policy.ts'
import { type EndpointKey, endpointId, type SightedService, type Sighting } from './sighting.ts'
import { compareVersions } from './version-order.ts'

export interface Violation {
  readonly kind: ViolationKind
  readonly endpoint: EndpointKey
  /** The deciding rule; null when it was the policy's default. */
  readonly ruleId: string | null
  readonly severity: Severity
  /** One sentence for people: what is, and what should be. */
  readonly detail: string
}

export interface Evidence {
  /** Open endpoints. */
  readonly open: readonly Sighting[]
  /** Vantages that looked, and whether they really looked at an endpoint. */
  readonly vantages: readonly string[]
  covers(endpoint: EndpointKey): boolean
  readonly labels: HostLabels
}

/** Endpoints one `require` rule may name; a larger rule is refused when the policy is read. */
export const MAX_REQUIRED_ENDPOINTS = 65_536

const DAY = 86_400_000

/** `now` in milliseconds since 1970. */
export function evaluatePolicy(policy: Policy, evidence: Evidence, now: number): Violation[] {
  const open = evidence.open.filter((sighting) => sighting.state === 'open')
  return [
    ...open.flatMap((sighting) => judge(policy, sighting, evidence.labels, now)),
    ...policy.rules
      .filter((rule) => rule.effect === 'require' && !expired(rule, now))
      .flatMap((rule) => missing(rule, open, evidence)),
  ]
}

function judge(policy: Policy, sighting: Sighting, labels: HostLabels, now: number): Violation[] {
  const rule = policy.rules.find((candidate) => selects(candidate, sighting, labels))
  const what = describe(sighting)
  const violation = (kind: ViolationKind, severity: Severity, detail: string): Violation[] => {
    const { vantage, ip, transport, port } = sighting
    return [{ kind, endpoint: { vantage, ip, transport, port }, ruleId: rule?.id ?? null, severity, detail }]
  }
  if (rule === undefined) {
    if (policy.otherwise.effect === 'allow') return []
    return violation('unexpected-open', policy.otherwise.severity, `${what} is open and no rule allows it.`)
  }
  if (rule.effect === 'forbid')
    return violation(
      'unexpected-open',
      rule.severity,
      `${what} is open. ${rule.reason ?? `Rule ${rule.id} forbids it.`}`,
    )
  if (expired(rule, now)) {
    const since = new Date(rule.expiresAt ?? now).toISOString().slice(0, 10)
    return violation(
      'rule-expired',
      rule.severity,
      `${what} is open, and rule ${rule.id} that allowed it expired on ${since}.`,
    )
  }
  return unmet(rule, sighting, now).flatMap(([kind, detail]) => violation(kind, rule.severity, `${what} ${detail}`))
}

function expired(rule: PolicyRule, now: number): boolean {
  return rule.expiresAt !== null && rule.expiresAt <= now
}

function selects(selector: PolicySelector, sighting: Sighting, labels: HostLabels): boolean {
  const { addresses, vantages, ports, services, products, unidentified } = selector
  if (vantages !== null && !vantages.includes(sighting.vantage)) return false
  if (ports !== null && !hasPort(ports[sighting.transport], sighting.port)) return false
  const { service } = sighting
  if (services !== null && !(service === null ? unidentified : services.includes(service.name))) return false
  if (products !== null && !products.includes(service?.product ?? '')) return false
  if (addresses !== null) {
    const address = parseAddress(sighting.ip)
    if (!address.ok || !contains(addresses, address.value)) return false
  }
  return carries(selector, sighting.ip, labels)
}

/** Does the host have a name and a tag the selector asks for? */
function carries({ names, tags }: PolicySelector, ip: string, labels: HostLabels): boolean {
  if (tags !== null && !labels.tagsOf(ip).some((tag) => tags.includes(tag))) return false
  return names === null || labels.namesOf(ip).some((name) => names.some((pattern) => wildcard(pattern)(name)))
}

function unmet({ conditions }: PolicyRule, { service }: Sighting, now: number): [ViolationKind, string][] {
  if (service === null) return []
  const { services, products, minVersion, minCertificateDays } = conditions
  if (services && !services.includes(service.name))
    return [['wrong-service', `runs ${service.name}; expected is ${services.join(' or ')}.`]]
  if (products && service.product !== null && !products.includes(service.product))
    return [['wrong-product', `runs ${service.product}; expected is ${products.join(' or ')}.`]]
  const failed: [ViolationKind, string][] = []
  if (minVersion && service.version !== null && compareVersions(service.version, minVersion) < 0)
    failed.push([
      'version-too-old',
      `runs ${service.product ?? service.name} ${service.version}; ${minVersion} or later is expected.`,
    ])
  const days = daysLeft(service, now)
  if (minCertificateDays !== undefined && days !== null && days < minCertificateDays)
    failed.push([
      'certificate-expiring',
      days < 0 ? 'has an expired certificate.' : `has a certificate with ${Math.floor(days)} days left.`,
    ])
  return failed
}

function daysLeft({ certificate }: SightedService, now: number): number | null {
  return certificate === null ? null : (Date.parse(certificate.notAfter) - now) / DAY
}

/** Required endpoints that the scan looked at and found not open. */
function missing(rule: PolicyRule, open: readonly Sighting[], evidence: Evidence): Violation[] {
  const seen = new Set(open.map(endpointId))
  const violations: Violation[] = []
  for (const endpoint of requiredEndpoints(rule, evidence.vantages)) {
    if (seen.has(endpointId(endpoint)) || !evidence.covers(endpoint)) continue
    if (!carries(rule, endpoint.ip, evidence.labels)) continue
    const detail = `${describe(endpoint)} is not open, and rule ${rule.id} requires it.`
    violations.push({ kind: 'unexpected-closed', endpoint, ruleId: rule.id, severity: rule.severity, detail })
  }
  return violations
}

function* requiredEndpoints(rule: PolicyRule, vantages: readonly string[]): Generator<EndpointKey> {
  for (const vantage of rule.vantages ?? vantages)
    for (const span of rule.addresses?.spans ?? [])
      for (const address of addressesOf(span)) {
        const ip = formatAddress(address)
        for (const transport of ['tcp', 'udp'] as const satisfies readonly Transport[])
          for (const port of listPorts(rule.ports?.[transport] ?? [])) yield { vantage, ip, transport, port }
      }
}

function describe({ ip, port, transport, vantage }: EndpointKey): string {
  const host = ip.includes(':') ? `[${ip}]` : ip
  return `${host}:${port}/${transport} (seen from ${vantage})`
}
