/** What the type and code of an ICMP error say about a probe: RFC 792, RFC 1812 section 5.2.7, RFC 4443 section 3. */

export type Unreachable =
  | 'net-unreach'
  | 'host-unreach'
  | 'proto-unreach'
  | 'port-unreach'
  | 'net-prohibited'
  | 'host-prohibited'
  | 'admin-prohibited'
  | 'ttl-exceeded'
  | 'param-problem'

/** By code of type 3, Destination Unreachable. Code 4 (fragmentation needed) is about size, not reach. */
const V4_CODES: readonly (Unreachable | null)[] = [
  'net-unreach',
  'host-unreach',
  'proto-unreach',
  'port-unreach',
  null,
  'net-unreach',
  'net-unreach',
  'host-unreach',
  'host-unreach',
  'net-prohibited',
  'host-prohibited',
  'net-unreach',
  'host-unreach',
  'admin-prohibited',
  'admin-prohibited',
  'admin-prohibited',
]

/** By code of type 1. Codes 5 and 6: source address failed policy, reject route. */
const V6_CODES: readonly Unreachable[] = [
  'net-unreach',
  'admin-prohibited',
  'net-unreach',
  'host-unreach',
  'port-unreach',
  'admin-prohibited',
  'net-prohibited',
]

/** Null: no error that says anything about reaching the target. */
export function unreachableOf(family: 4 | 6, type: number, code: number): Unreachable | null {
  if (family === 4) {
    if (type === 3) return V4_CODES[code] ?? null
    return type === 11 ? 'ttl-exceeded' : type === 12 ? 'param-problem' : null
  }
  if (type === 1) return V6_CODES[code] ?? null
  return type === 3 ? 'ttl-exceeded' : type === 4 ? 'param-problem' : null
}
