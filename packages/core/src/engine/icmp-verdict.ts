/**
 * What an ICMP error that quotes our probe says about the port (RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7, RFC 4443).
 * Whether it really quotes our probe has been checked by whoever calls this.
 */
import type { PortState, Reason } from './engine.ts'

/** ICMP type 3 codes, in order. 4 (fragmentation needed) says nothing about the port. */
const UNREACHABLE_V4: readonly (Reason | null)[] = [
  'net-unreach',
  'host-unreach',
  'proto-unreach',
  'port-unreach',
  null,
  'net-unreach', // source route failed
  'net-unreach', // destination network unknown
  'host-unreach', // destination host unknown
  'host-unreach', // source host isolated
  'net-prohibited',
  'host-prohibited',
  'net-unreach', // for this type of service
  'host-unreach', // for this type of service
  'admin-prohibited',
  'host-prohibited', // host precedence violation
  'admin-prohibited', // precedence cutoff
]

/** ICMPv6 type 1 codes, in order. */
const UNREACHABLE_V6: readonly (Reason | null)[] = [
  'net-unreach', // no route to destination
  'admin-prohibited',
  'net-unreach', // beyond the scope of the source address
  'host-unreach',
  'port-unreach',
  'admin-prohibited', // source address failed a policy
  'net-prohibited', // reject route
]

/** The reason behind (type, code), or null when the message is no verdict on the port. */
export function icmpReason(family: 4 | 6, type: number, code: number): Reason | null {
  if (family === 4) {
    if (type === 3) return UNREACHABLE_V4[code] ?? null
    if (type === 11) return 'ttl-exceeded'
    return type === 12 ? 'param-problem' : null
  }
  if (type === 1) return UNREACHABLE_V6[code] ?? null
  if (type === 3) return 'ttl-exceeded'
  // Code 1: unrecognised next header, which is how IPv6 says "no such protocol here".
  if (type === 4) return code === 1 ? 'proto-unreach' : 'param-problem'
  return null
}

/**
 * The state an ICMP error gives a port. UDP alone knows "closed" this way, and only from the target itself: a
 * firewall in between that says port-unreachable hides the port, it does not know it.
 */
export function icmpState(transport: 'tcp' | 'udp', reason: Reason, fromTarget: boolean): PortState {
  return transport === 'udp' && reason === 'port-unreach' && fromTarget ? 'closed' : 'filtered'
}
