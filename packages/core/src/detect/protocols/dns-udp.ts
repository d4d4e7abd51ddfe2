/**
 * DNS over UDP (RFC 1035 section 4.2.1): one message a datagram.
 *
 *   question => "version.bind" TXT CH        RFC 4892 section 2; then "id.server" TXT CH, section 3
 *               and, when neither says which software it is, "invalid" SOA IN
 *   answer   => the same id and question, a TXT record, or a refusal
 */
import { dns } from '#core/probe/udp/dns.ts'
import { DNS_CLASS, DNS_TYPE, type DnsMessage, dnsQuery, parseDns } from '#core/wire/dns.ts'
import { ask, attempt } from '../ask.ts'
import { dnsService, dnsSoftwareFromLocalZone, isNameServerReply, LOCAL_ZONE, serverName } from '../dns-server.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

const ID_SERVER = { name: 'id.server', type: DNS_TYPE.txt, class: DNS_CLASS.chaos }
const RECURSION_DESIRED = 0x0100

export const dnsUdp: Protocol = { name: 'dns-udp', transport: 'udp', ports: [53], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const message = parseDns(bytes)
  return isNameServerReply(message) ? dnsService(message) : null
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, dns)
  const found = reply && recognise(reply)
  if (!found) return null
  const hostname = serverName(await further(session, 1, dnsQuery((session.token + 1) & 0xffff, ID_SERVER)), found)
  if (found.product !== null) return { ...found, hostname }
  const local = await further(session, 2, dnsQuery((session.token + 2) & 0xffff, LOCAL_ZONE, RECURSION_DESIRED))
  return { ...found, ...dnsSoftwareFromLocalZone(local), hostname }
}

/** The answer to a further question, whose id is `nth` after that of the first. */
function further(session: Session, nth: number, query: Uint8Array): Promise<DnsMessage | null> {
  return attempt(async () => {
    await session.write(query)
    const message = parseDns(await session.read())
    return message?.id === ((session.token + nth) & 0xffff) ? message : null
  })
}
