/** What the state of a port means, and what to look at when it is not the one you wanted. */
import type { PortResult } from '@portolan/core/engine/engine.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'

export interface Explanation {
  readonly meaning: string
  readonly tryNext: readonly string[]
}

const FIREWALL = 'Look at the firewall of the host, at the one in front of it, and at the security group of a cloud.'
const FORWARDING =
  'Behind a router the port must be forwarded to the right inside address; behind carrier-grade NAT (your outside address is in 100.64.0.0/10) it cannot be.'
const LISTENING =
  'See on the host itself whether something listens (`ss -lntu`), and on which address: 127.0.0.1 is reachable from the host alone.'

/** By what was seen, whoever is asked. */
const BY_REASON: Readonly<Partial<Record<PortResult['reason'], Explanation>>> = {
  'no-response': {
    meaning: 'Nothing came back: a firewall drops the packets, or there is no such host.',
    tryNext: ['Check that the address is the right one and the host is up.', FIREWALL, FORWARDING],
  },
  'host-unreach': {
    meaning: 'A router says that the host does not answer on its own network: it is off, or has another address.',
    tryNext: ['Check that the host is up and the address is still its own (DHCP).'],
  },
  'net-unreach': {
    meaning: 'There is no route to that network from here.',
    tryNext: ['Check the address, and the routes or the VPN between here and there.'],
  },
  'admin-prohibited': {
    meaning: 'A firewall or router on the way says that this is forbidden.',
    tryNext: [FIREWALL],
  },
  'host-prohibited': { meaning: 'A firewall says that talking to this host is forbidden.', tryNext: [FIREWALL] },
  'net-prohibited': { meaning: 'A firewall says that talking to this network is forbidden.', tryNext: [FIREWALL] },
  'ttl-exceeded': {
    meaning: 'The packets went round in circles: two routers each believe that the other one knows the way.',
    tryNext: ['Compare the routes of the routers on the way (`traceroute`).'],
  },
}

const CLOSED: Explanation = {
  meaning: 'The host is there and can be reached, but nothing listens on this port.',
  tryNext: [LISTENING, 'A firewall may also refuse in the name of the host; look there when the service does listen.'],
}

const OPEN: Explanation = {
  meaning: 'Something accepts connections here.',
  tryNext: ['If it should not be reachable from here, close it in the firewall or bind it to another address.'],
}

const UDP_SILENT: Explanation = {
  meaning: 'UDP services answer only what they understand: silence is an open port that did not, or a firewall.',
  tryNext: ['Ask with a client of the protocol.', FIREWALL],
}

const REJECTED: Explanation = { meaning: 'Something on the way refuses this connection.', tryNext: [FIREWALL] }

/** `what` is the service in words, null when it did not say. */
export function explain({ state, reason }: PortResult, transport: Transport, what: string | null): Explanation {
  if (state === 'open')
    return what === null ? OPEN : { ...OPEN, meaning: `Something accepts connections here and says it is ${what}.` }
  if (state === 'closed') return CLOSED
  if (transport === 'udp' && state === 'open|filtered') return UDP_SILENT
  return BY_REASON[reason] ?? REJECTED
}
