/** DNS (RFC 1035): which software is this? Class CHAOS, type TXT, `version.bind` (RFC 4892 section 2). */
import { DNS_CLASS, DNS_TYPE, dnsQuery, parseDns } from '#core/wire/dns.ts'
import type { UdpQuestion } from '../udp-question.ts'

const question = { name: 'version.bind', type: DNS_TYPE.txt, class: DNS_CLASS.chaos }

export const dns: UdpQuestion = {
  name: 'dns',
  ports: [53],
  datagram: (token) => dnsQuery(token & 0xffff, question),
  answers(reply, token) {
    const message = parseDns(reply)
    return message?.response === true && message.id === (token & 0xffff)
  },
}
