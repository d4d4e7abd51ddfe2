/**
 * SNMP engine discovery (RFC 3414 section 4): an empty, unauthenticated v3 request. Every v3 agent reports its engine id,
 * no community or user name needed.
 */
import { BER, expectTlv, tlv, tlvInteger, tlvText } from '#core/wire/ber.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import type { UdpQuestion } from '../udp-question.ts'

const EMPTY = tlvText('')
/** Message flags: reportable, no authentication, no privacy. */
const REPORTABLE = 0x04
const USM = 3
const GET_REQUEST = 0xa0

export const snmp: UdpQuestion = {
  name: 'snmp',
  ports: [161],
  datagram(token) {
    const id = token & 0x7fffffff
    const flags = tlv(BER.octets, Uint8Array.of(REPORTABLE))
    const header = tlv(BER.sequence, tlvInteger(id), tlvInteger(65_507), flags, tlvInteger(USM))
    const zero = tlvInteger(0)
    const security = tlv(BER.octets, tlv(BER.sequence, EMPTY, zero, zero, EMPTY, EMPTY, EMPTY))
    const pdu = tlv(GET_REQUEST, tlvInteger(id), zero, zero, tlv(BER.sequence))
    return tlv(BER.sequence, tlvInteger(3), header, security, tlv(BER.sequence, EMPTY, EMPTY, pdu))
  },
  answers: (reply) => orNull(() => expectTlv(new Reader(reply), BER.sequence)) !== null,
}
