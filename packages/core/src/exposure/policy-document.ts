/** A policy as people write it, in JSON or YAML, and how it becomes one that can be evaluated. */

import { readAddressList } from '#core/target/address-list.ts'
import { type AddressSet, sizeOf } from '#core/target/address-set.ts'
import { countPorts, type PortSet } from '#core/target/port-set.ts'
import type { PortBook } from '#core/target/port-spec.ts'
import { parsePorts } from '#core/target/port-spec.ts'
import { MAX_REQUIRED_ENDPOINTS } from './evaluate-policy.ts'
import { parseNamePattern } from './name-pattern.ts'
import type { Policy, PolicyRule, Severity } from './policy.ts'

export type RuleDocument = {
  readonly id: string
  readonly effect: 'allow' | 'require' | 'forbid'
  /** Addresses, CIDR blocks, ranges; left out: all. */
  readonly targets?: readonly string[] | undefined
  /** Host names a host was scanned under; `*` stands for anything. */
  readonly names?: readonly string[] | undefined
  /** Tags of the project. */
  readonly tags?: readonly string[] | undefined
  readonly vantages?: readonly string[] | undefined
  /** A port spec; left out: all. */
  readonly ports?: string | undefined
  readonly services?: readonly string[] | undefined
  readonly products?: readonly string[] | undefined
  /** Whether `services` also selects what nobody could identify. */
  readonly unidentified?: boolean | undefined
  readonly expect?: ExpectDocument | undefined
  readonly severity?: Severity | undefined
  readonly owner?: string | undefined
  readonly reason?: string | undefined
  /** ISO 8601. */
  readonly expires?: string | undefined
}

export type ExpectDocument = {
  readonly services?: readonly string[] | undefined
  readonly products?: readonly string[] | undefined
  readonly minVersion?: string | undefined
  readonly certificateDays?: number | undefined
}

export type PolicyDocument = {
  /** What becomes of an open port no rule speaks of. */
  readonly otherwise: 'allow' | 'forbid'
  readonly severity?: Severity | undefined
  readonly rules: readonly RuleDocument[]
}

/** Must whoever evaluates it know what hosts are called? */
export const selectsByName = ({ rules }: PolicyDocument): boolean => rules.some(({ names }) => names !== undefined)

export type DocumentError = { readonly pointer: string; readonly detail: string }
export type CompiledPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly errors: readonly DocumentError[] }

export function compilePolicy(name: string, document: PolicyDocument, book: PortBook): CompiledPolicy {
  const errors: DocumentError[] = []
  const rules = document.rules.map((rule, i) =>
    compileRule(rule, book, (field, detail) => errors.push({ pointer: `/rules/${i}/${field}`, detail })),
  )
  const ids = document.rules.map(({ id }) => id)
  for (const [i, id] of ids.entries())
    if (ids.indexOf(id) < i) errors.push({ pointer: `/rules/${i}/id`, detail: `${id} is the id of another rule` })
  if (errors.length > 0) return { ok: false, errors }
  const severity = document.severity ?? 'medium'
  const otherwise =
    document.otherwise === 'allow' ? { effect: 'allow' as const } : { effect: 'forbid' as const, severity }
  return { ok: true, policy: { name, rules, otherwise } }
}

type Complain = (field: string, detail: string) => void

function compileRule(rule: RuleDocument, book: PortBook, complain: Complain): PolicyRule {
  const addresses = rule.targets === undefined ? null : readTargets(rule.targets, complain)
  const ports = rule.ports === undefined ? null : readPorts(rule.ports, book, complain)
  if (rule.effect === 'require') refuseVague(addresses, ports, complain)
  const { services, products, minVersion, certificateDays } = rule.expect ?? {}
  return {
    id: rule.id,
    effect: rule.effect,
    addresses,
    names: rule.names === undefined ? null : readNames(rule.names, complain),
    tags: rule.tags ?? null,
    vantages: rule.vantages ?? null,
    ports,
    services: rule.services ?? null,
    products: rule.products ?? null,
    unidentified: rule.unidentified ?? false,
    conditions: {
      ...(services && { services }),
      ...(products && { products }),
      ...(minVersion !== undefined && { minVersion }),
      ...(certificateDays !== undefined && { minCertificateDays: certificateDays }),
    },
    severity: rule.severity ?? 'medium',
    owner: rule.owner ?? null,
    reason: rule.reason ?? null,
    expiresAt: rule.expires === undefined ? null : Date.parse(rule.expires),
  }
}

function readTargets(specs: readonly string[], complain: Complain): AddressSet {
  const { addresses, flaws } = readAddressList(specs)
  for (const { index, detail } of flaws) complain(`targets/${index}`, detail)
  return addresses
}

function readNames(patterns: readonly string[], complain: Complain): string[] {
  return patterns.flatMap((pattern, i) => {
    const parsed = parseNamePattern(pattern)
    if (parsed.ok) return [parsed.value]
    complain(`names/${i}`, `${parsed.flaw.problem}; ${parsed.flaw.fix}`)
    return []
  })
}

function readPorts(spec: string, book: PortBook, complain: Complain): PortSet {
  const parsed = parsePorts(spec, { book })
  if (parsed.ok) return parsed.ports
  for (const { problem, fix } of parsed.errors) complain('ports', `${problem}; ${fix}`)
  return { tcp: [], udp: [] }
}

/** What must be open has to be named one by one: names and tags only narrow it down. */
function refuseVague(addresses: AddressSet | null, ports: PortSet | null, complain: Complain): void {
  if (addresses === null) complain('targets', 'say on which addresses it must be open')
  if (ports === null) complain('ports', 'say which ports must be open')
  if (addresses === null || ports === null) return
  const endpoints = sizeOf(addresses) * BigInt(countPorts(ports.tcp) + countPorts(ports.udp))
  if (endpoints > BigInt(MAX_REQUIRED_ENDPOINTS))
    complain('targets', `${endpoints} endpoints are more than the ${MAX_REQUIRED_ENDPOINTS} one rule may require`)
}
