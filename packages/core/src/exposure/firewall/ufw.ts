/**
 * Reads `ufw status` and `ufw status verbose`: a table of To, Action, From.
 *
 *   22/tcp             ALLOW IN    Anywhere
 *   192.0.2.1 80,443/tcp  LIMIT    10.0.0.0/8     # comment
 *   22/tcp (v6)        ALLOW IN    Anywhere (v6)
 */
import type { Transport } from '#core/target/probe-space.ts'
import {
  type Allowance,
  type FirewallRules,
  MAX_FIREWALL_RULES,
  MAX_FIREWALL_TEXT,
  parseFirewallPorts,
} from './allowance.ts'

const ROW = /^(\S.*?) {2,}(ALLOW|LIMIT|DENY|REJECT)(?: (IN|OUT|FWD))? {2,}(\S[^#]*?)\s*(?:# ?(.*))?$/

export function readUfwStatus(text: string): FirewallRules {
  const allowances: Allowance[] = []
  const skipped: { rule: string; why: string }[] = []
  const lines = text.slice(0, MAX_FIREWALL_TEXT).split(/\r?\n/, MAX_FIREWALL_RULES)
  for (const line of lines) {
    const [, to = '', action = '', direction = 'IN', from = '', comment = null] = line.match(ROW) ?? []
    if (direction !== 'IN' || (action !== 'ALLOW' && action !== 'LIMIT')) continue
    const row = readRow(to.replace(/ \(v6\)$/, ''), from.replace(/ \(v6\)$/, ''), comment)
    if (typeof row === 'string') skipped.push({ rule: line.trim(), why: row })
    else allowances.push(...row)
  }
  const inactive = lines.some((line) => /^Status: inactive/.test(line))
  return { allowances, acceptsRest: inactive || /^Default: allow \(incoming\)/m.test(text), skipped }
}

function readRow(to: string, from: string, comment: string | null): Allowance[] | string {
  const [, address, ports, protocol] = to.match(/^(?:([0-9a-fA-F.:/]+) )?([\d,:]+)(?:\/(tcp|udp))?$/) ?? []
  if (ports === undefined)
    return to.startsWith('Anywhere') ? 'allows every port' : 'an application profile or protocol; name its ports'
  const ranges = parseFirewallPorts(ports)
  if (ranges === null) return 'ports that are not numbers'
  const [source, ...rest] = from.split(' ')
  if (rest.length > 0) return 'limited to source ports or an interface'
  const transports: readonly Transport[] = protocol === 'tcp' || protocol === 'udp' ? [protocol] : ['tcp', 'udp']
  return transports.map((transport) => ({
    transport,
    ports: ranges,
    from: source === 'Anywhere' || source === undefined ? null : [source],
    to: address === undefined ? null : [address],
    comment,
  }))
}
