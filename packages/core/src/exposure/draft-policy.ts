/** First versions of a policy: what we ship, what is there now, what a firewall lets in. */
import { formatPorts } from '#core/target/port-set.ts'
import { DEFAULT_RULES } from './default-policy.data.ts'
import type { FirewallRules } from './firewall/allowance.ts'
import type { PolicyDocument, RuleDocument } from './policy-document.ts'
import type { Sighting } from './sighting.ts'

/**
 * Everything may be open but what is dangerous wherever it stands. Each entry is up to three rules: the service and the
 * product wherever they run, and the port unless something else was identified there.
 */
export function defaultPolicy(): PolicyDocument {
  const rules = DEFAULT_RULES.flatMap(
    ({ id, ports, services, products, atPorts = [], severity, reason }): RuleDocument[] => [
      { id, effect: 'forbid', services, severity, reason },
      ...(products ? [{ id: `${id}-product`, effect: 'forbid' as const, products, severity, reason }] : []),
      {
        id: `${id}-port`,
        effect: 'forbid',
        ports,
        services: [...services, ...atPorts],
        unidentified: true,
        severity,
        reason,
      },
    ],
  )
  return { otherwise: 'allow', rules }
}

type Group = { readonly rule: Omit<RuleDocument, 'id'>; readonly targets: string[] }

/** What is open now is expected, each port with what runs there; everything else is not. */
export function baselinePolicy(open: readonly Sighting[]): PolicyDocument {
  const groups = new Map<string, Group>()
  for (const { vantage, ip, transport, port, service } of open) {
    const product = service?.product ?? null
    const key = [vantage, transport, port, service?.name ?? '', product ?? ''].join(' ')
    const ports = formatPorts({ tcp: [], udp: [], [transport]: [{ first: port, last: port }] })
    const expect = service && { services: [service.name], ...(product !== null && { products: [product] }) }
    const reason = 'open when the baseline was taken'
    const rule = { effect: 'allow' as const, vantages: [vantage], ports, ...(expect && { expect }), reason }
    const group: Group = groups.get(key) ?? { rule, targets: [] }
    group.targets.push(ip)
    groups.set(key, group)
  }
  const rules = [...groups.values()].map(({ rule, targets }, i) => ({ id: `baseline-${i + 1}`, ...rule, targets }))
  return { otherwise: 'forbid', rules }
}

/** What the firewall lets in is expected, on the addresses it protects. */
export function firewallPolicy(firewall: FirewallRules, targets: readonly string[]): PolicyDocument {
  const { allowances, acceptsRest, refused } = firewall
  const rules = allowances.map(({ transport, ports, to, from, comment }, i): RuleDocument => {
    const where = to ?? targets
    const limited = from === null ? '' : `from ${from.join(', ')}`
    const reason = [comment ?? 'let in by the firewall', limited].filter((part) => part !== '').join(', ')
    return {
      id: `firewall-${i + 1}`,
      effect: 'allow',
      ports: formatPorts({ tcp: [], udp: [], [transport]: ports }),
      ...(where.length > 0 && { targets: where }),
      reason,
    }
  })
  if (!acceptsRest) return { otherwise: 'forbid', rules }
  const ports = formatPorts(refused)
  const where = targets.length > 0 ? { targets } : {}
  const forbidden = {
    id: 'firewall-refuses',
    effect: 'forbid',
    ports,
    ...where,
    reason: 'turned away by the firewall',
  } as const
  return { otherwise: 'allow', rules: ports === '' ? rules : [...rules, forbidden] }
}
