/**
 * Every protocol module, sorted by name: the registry. To add one: its file, its fixtures, and one line in each half
 * of this list. The order in which unknown ports are asked is in `order.data.ts`.
 */
import type { Protocol } from './protocol.ts'
import { dns } from './protocols/dns.ts'
import { dnsUdp } from './protocols/dns-udp.ts'
import { ssh } from './protocols/ssh.ts'

export const PROTOCOLS: readonly Protocol[] = [dns, dnsUdp, ssh]
