import type { EndpointKey } from '../sighting.ts'

/** One line each, to run on the host itself as its administrator. */
export type CloseLines = {
  /** `prepend` (0.36): `insert 1` is refused where there is no rule yet, and for IPv6 behind rules of IPv4. */
  readonly ufw: string
  /** Into the chain `input` of the table `inet filter`, the names nftables' own examples use. */
  readonly nftables: string
  /** PowerShell. */
  readonly windows: string
}

/** How to close exactly this port of this address, and nothing else. */
export function closePort({ ip, transport, port }: Omit<EndpointKey, 'vantage'>): CloseLines {
  const family = ip.includes(':') ? 'ip6' : 'ip'
  const name = transport.toUpperCase()
  return {
    ufw: `ufw prepend deny in proto ${transport} to ${ip} port ${port}`,
    nftables: `nft insert rule inet filter input ${family} daddr ${ip} ${transport} dport ${port} drop`,
    windows: `New-NetFirewallRule -DisplayName "Close ${name} ${port}" -Direction Inbound -Action Block -Protocol ${name} -LocalAddress ${ip} -LocalPort ${port}`,
  }
}
