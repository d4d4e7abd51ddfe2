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
  collectRules,
  type FirewallRules,
  MAX_FIREWALL_RULES,
  MAX_FIREWALL_TEXT,
  parseFirewallPorts,
} from './allowance.ts'

/** Of a line whose gaps are two characters wide: wider ones would make the search grow with their square. */
const ROW =
  /^(?:\[ *\d+\] )?(\S.*?) {2,}(ALLOW|LIMIT|DENY|REJECT)(?: (IN|OUT|FWD))? {2,}(\S[^#]*?)\s*(?:\(log(?:-all)?\)\s*)?(?:# ?(.*))?$/

export function readUfwStatus(text: string): FirewallRules {
  const found = collectRules()
  const lines = text.slice(0, MAX_FIREWALL_TEXT).split(/\r?\n/, MAX_FIREWALL_RULES)
  for (const line of lines) {
    const row = line.replace(/\s{2,}/g, '  ').match(ROW)
    const [, to = '', action, direction = 'IN', from = '', comment = null] = row ?? []
    if (action === undefined || direction !== 'IN') continue
    const allowed = readRow(to.replace(' (v6)', ''), from.replace(' (v6)', ''), comment)
    if (action === 'DENY' || action === 'REJECT') {
      if (typeof allowed === 'string') continue
      for (const one of allowed) if (one.from === null && one.to === null) found.refuse(one.transport, one.ports)
    } else if (typeof allowed === 'string') found.skip(line.trim(), allowed)
    else for (const one of allowed) found.allow(one)
  }
  if (lines.some((line) => /^Status: inactive|^Default: allow \(incoming\)/.test(line))) found.acceptRest()
  return found.rules
}

function readRow(to: string, from: string, comment: string | null): Allowance[] | string {
  if (/ on \S+$/.test(to)) return 'limited to an interface'
  const [, address, ports, protocol] = to.match(/^(?:([0-9a-fA-F.:/]+) )?([\d,:]+)(?:\/(tcp|udp))?$/) ?? []
  if (ports === undefined)
    return to.startsWith('Anywhere') ? 'allows every port' : 'an application profile or protocol; name its ports'
  const ranges = parseFirewallPorts(ports)
  if (ranges === null) return 'ports that are not numbers'
  if (from !== 'Anywhere' && !/^[0-9a-fA-F.:]+(\/\d+)?$/.test(from)) return 'limited to source ports or a protocol'
  const transports: readonly Transport[] = protocol === 'tcp' || protocol === 'udp' ? [protocol] : ['tcp', 'udp']
  return transports.map((transport) => ({
    transport,
    ports: ranges,
    from: from === 'Anywhere' ? null : [from],
    to: address === undefined ? null : [address],
    comment,
  }))
}
