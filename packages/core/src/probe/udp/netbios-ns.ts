/**
 * NetBIOS name service, node status request (RFC 1002 section 4.2.17): the name "*", encoded as half-bytes added to "A"
 * (RFC 1001 section 14.1), type NBSTAT.
 */
import { dnsQuery } from '#core/wire/dns.ts'
import { Reader } from '#core/wire/reader.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [NBSTAT, IN] = [33, 1]
/** "*" and fifteen zero bytes. */
const ANY_NAME = `CK${'A'.repeat(30)}`
const RESPONSE = 0x8000

export const netbiosNs: UdpQuestion = {
  name: 'netbios-ns',
  ports: [137],
  datagram: (token) => dnsQuery(token & 0xffff, { name: ANY_NAME, type: NBSTAT, class: IN }),
  answers(reply, token) {
    if (reply.length < 12) return false
    const reader = new Reader(reply)
    return reader.u16() === (token & 0xffff) && (reader.u16() & RESPONSE) !== 0
  },
}
