/**
 * Multicast DNS asked directly (RFC 6762 section 5.5) from a port that is not 5353, so the answer comes back unicast with
 * our id (section 6.7): which kinds of service are offered (RFC 6763 section 9)?
 */
import { DNS_CLASS, DNS_TYPE, dnsQuery, parseDns } from '#core/wire/dns.ts'
import type { UdpQuestion } from '../udp-question.ts'

const question = { name: '_services._dns-sd._udp.local', type: DNS_TYPE.ptr, class: DNS_CLASS.in }

export const mdns: UdpQuestion = {
  name: 'mdns',
  ports: [5353],
  datagram: (token) => dnsQuery(token & 0xffff, question),
  answers: (reply) => parseDns(reply)?.response === true,
}
