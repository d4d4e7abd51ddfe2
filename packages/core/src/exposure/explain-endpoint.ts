/**
 * What was seen at one port, in words: is it reachable, why not, and what to look at next. Everything said follows from
 * evidence: the state with its reason, who sent the answer, the address, and what the service told about itself.
 */
import type { CertificateFacts } from '#core/detect/protocol.ts'
import { clean } from '#core/detect/text.ts'
import type { PortState } from '#core/engine/engine.ts'
import { ianaEntry } from '#core/registry/iana.ts'
import { describePort } from '#core/registry/ports.ts'
import { parseAddress } from '#core/target/address.ts'
import { specialPurposeOf } from '#core/target/guard.ts'
import type { Transport } from '#core/target/probe-space.ts'

export type SeenEndpoint = {
  readonly ip: string
  readonly port: number
  readonly transport: Transport
  readonly state: PortState
  readonly reason: string
  /** Who answered, when it was not the target. */
  readonly from?: string
  /** What was found above layer 4; null when nobody asked. */
  readonly detection: 'identified' | 'unidentified' | 'silent' | 'tcpwrapped' | null
  /** The service in words: `OpenSSH 9.2p1`. */
  readonly service: string | null
  /** Of its TLS, at once or on request. */
  readonly certificate?: Pick<CertificateFacts, 'expired' | 'notAfter'> | null
  /** What it sent, when nobody knows what that is. */
  readonly words?: Uint8Array
}

export type Explanation = {
  /** One or two sentences. */
  readonly meaning: string
  /** What to do, the most likely first. */
  readonly tryNext: readonly string[]
}

const FIREWALL =
  'Look at the firewall of the host, at the one in front of it, and at the security group if it is in a cloud.'
const FORWARDING =
  'Behind a router the port must be forwarded to the right inside address; behind carrier-grade NAT (an outside address in 100.64.0.0/10) it cannot be.'
const LISTENING =
  'See on the host itself whether something listens (ss -lntup), and on which address: what listens on 127.0.0.1 is reachable from the host alone.'

/** By what a router or firewall said. */
const SAID: Readonly<Record<string, Explanation>> = {
  'host-unreach': {
    meaning: 'the host does not answer on its own network: it is off, or has another address now',
    tryNext: ['Check that the host is up and the address still its own (DHCP).', FIREWALL],
  },
  'net-unreach': {
    meaning: 'there is no route to that network',
    tryNext: ['Check the address, and the routes or the VPN between here and there.'],
  },
  'admin-prohibited': { meaning: 'a rule forbids it', tryNext: [FIREWALL] },
  'host-prohibited': { meaning: 'a rule forbids talking to this host', tryNext: [FIREWALL] },
  'net-prohibited': { meaning: 'a rule forbids talking to this network', tryNext: [FIREWALL] },
  'proto-unreach': { meaning: 'the host does not speak this transport at all', tryNext: [FIREWALL] },
  'port-unreach': { meaning: 'the port is refused', tryNext: [FIREWALL] },
  'ttl-exceeded': {
    meaning: 'the packets went round in circles, each of two routers sending them to the other',
    tryNext: ['Compare the routes of the routers on the way (traceroute).'],
  },
}

export function explainEndpoint(seen: SeenEndpoint): Explanation {
  const { state } = seen
  if (state === 'open') return open(seen)
  const { meaning, tryNext } = state === 'closed' ? closed(seen) : quiet(seen)
  return { meaning, tryNext: [...about(seen), ...tryNext] }
}

function open(seen: SeenEndpoint): Explanation {
  const { port, transport, detection, certificate } = seen
  const { advice } = describePort(port, transport)
  const tryNext = certificate?.expired
    ? ['Renew the certificate: clients refuse to connect although the port is open.']
    : []
  if (detection === 'tcpwrapped')
    return {
      meaning:
        'Connections are accepted and closed at once, before a word is said: an access list lets others in but not this address, or a proxy has nothing behind it.',
      tryNext: [
        ...tryNext,
        'Look at the allow list of the service (hosts.allow, pg_hba.conf, AllowUsers), and whether what the proxy points to runs.',
      ],
    }
  const warning = advice?.exposure === 'never' ? [`${advice.risk} ${advice.advice}`] : []
  return {
    meaning: `Something ${transport === 'udp' ? 'answers' : 'accepts connections'} here${whoIsIt(seen)}.${ranOut(seen)}`,
    tryNext: [
      ...tryNext,
      ...warning,
      'If it should not be reachable from here, close it in the firewall or let it listen on another address.',
    ],
  }
}

/** More of it than this is no help in knowing it again. */
const QUOTED = 60

function whoIsIt({ detection, service, words }: SeenEndpoint): string {
  if (service !== null) return `; it is ${service}`
  if (detection === 'silent') return ', but says nothing to any question Portolan knows'
  if (detection !== 'unidentified') return ''
  const text = clean(words ?? '', QUOTED)
  return `, in a protocol Portolan does not know${text === '' ? '' : `: ${JSON.stringify(text)}`}`
}

function ranOut({ certificate }: SeenEndpoint): string {
  if (!certificate?.expired) return ''
  const day = certificate.notAfter.slice(0, 10)
  return ` Its TLS certificate ${day === '' ? 'has expired' : `expired on ${day}`}.`
}

function closed({ from, transport }: SeenEndpoint): Explanation {
  const speaker =
    from === undefined ? 'The host was reached and refused' : `${from} answered in the place of the host and refused`
  return {
    meaning: `${speaker}: nothing listens on this ${transport === 'udp' ? 'UDP ' : ''}port, or a firewall rejects in its name.`,
    tryNext: [
      LISTENING,
      'If it does listen there, a firewall rejects: look at rules that say reject, on the host first.',
    ],
  }
}

function quiet({ port, transport, state, reason, from }: SeenEndpoint): Explanation {
  const said = SAID[reason]
  if (said)
    return {
      meaning: `${from ?? 'The host itself, or a firewall in its name,'} says that ${said.meaning}.`,
      tryNext: said.tryNext,
    }
  if (transport === 'udp' && state === 'open|filtered')
    return {
      meaning:
        'Nothing came back. UDP services answer only what they understand, so this is an open port that did not, or a firewall.',
      tryNext: [
        `Ask with a client of the protocol (${ianaEntry(port, 'udp')?.name ?? 'whatever should be there'}).`,
        FIREWALL,
        FORWARDING,
      ],
    }
  const blocked =
    port === 25 && transport === 'tcp'
      ? [
          'Access and cloud providers block port 25 against spam: send mail through port 587 or 465 of your mail server, or have 25 opened for a mail exchanger.',
        ]
      : []
  return {
    meaning: 'Nothing came back: a firewall drops the packets, no router forwards the port, or there is no such host.',
    tryNext: [...blocked, 'Check that the address is the right one and the host is up.', FIREWALL, FORWARDING],
  }
}

/** What the address itself says about who can reach it. */
function about({ ip, state }: SeenEndpoint): readonly string[] {
  const parsed = parseAddress(ip)
  const special = parsed.ok ? specialPurposeOf(parsed.value) : null
  if (special === null) return []
  if (special.name === 'loopback') return ['This is the loopback address: it is always the machine you ask from.']
  // Who refuses was reached, whatever the address.
  if (state === 'closed') return []
  if (/private|unique local|shared|link local/.test(special.name))
    return [
      `${ip} is an inside address (${special.name}, ${special.source}): it is reached from the same network or through a VPN only.`,
    ]
  return [`${ip} is in a range with a special purpose (${special.name}, ${special.source}).`]
}
