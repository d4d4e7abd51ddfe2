/**
 * Kerberos 5 (RFC 4120 section 5.4.1): an initial request for a realm and a user nobody has, which every KDC answers
 * with an error. The nonce is the token.
 *
 *   AS-REQ = [APPLICATION 10] { [1] 5, [2] 10, [4] { [0] options, [1] client, [2] realm, [3] server, [5] till, [7] nonce, [8] etypes } }
 */
import { BER, expectTlv, tlv, tlvInteger, tlvText } from '#core/wire/ber.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import type { UdpQuestion } from '../udp-question.ts'

const GENERAL_STRING = 0x1b
const GENERALIZED_TIME = 0x18
const BIT_STRING = 0x03
const [AS_REQUEST, KRB_ERROR] = [0x6a, 0x7e]
const REALM = 'PORTOLAN'
/** aes256, aes128, rc4-hmac: one of them every KDC of the last twenty years has. */
const ENCRYPTION_TYPES = [18, 17, 23]

/** A context tag. */
const field = (number: number, content: Uint8Array) => tlv(0xa0 + number, content)

function principal(type: number, ...names: string[]): Uint8Array {
  const list = tlv(BER.sequence, ...names.map((name) => tlvText(name, GENERAL_STRING)))
  return tlv(BER.sequence, field(0, tlvInteger(type)), field(1, list))
}

export function kerberosRequest(token: number): Uint8Array {
  const body = tlv(
    BER.sequence,
    field(0, tlv(BIT_STRING, Uint8Array.of(0, 0, 0, 0, 0))),
    field(1, principal(1, 'portolan')),
    field(2, tlvText(REALM, GENERAL_STRING)),
    field(3, principal(2, 'krbtgt', REALM)),
    field(5, tlvText('20370913024805Z', GENERALIZED_TIME)),
    field(7, tlvInteger(token & 0x7fffffff)),
    field(8, tlv(BER.sequence, ...ENCRYPTION_TYPES.map((type) => tlvInteger(type)))),
  )
  return tlv(AS_REQUEST, tlv(BER.sequence, field(1, tlvInteger(5)), field(2, tlvInteger(10)), field(4, body)))
}

export const kerberos: UdpQuestion = {
  name: 'kerberos',
  ports: [88],
  datagram: kerberosRequest,
  answers: (reply) =>
    orNull(() => expectTlv(new Reader(expectTlv(new Reader(reply), KRB_ERROR)), BER.sequence)) !== null,
}
