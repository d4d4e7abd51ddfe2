/**
 * Connectionless LDAP ([MS-ADTS] section 6.3.3, RFC 1798): a search for the root entry in one datagram, the message id
 * being the token.
 */
import { BER, berInteger, expectTlv, tlv, tlvInteger, tlvText } from '#core/wire/ber.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [SEARCH, PRESENT] = [0x63, 0x87]

export const cldap: UdpQuestion = {
  name: 'cldap',
  ports: [389],
  datagram(token) {
    const zero = tlvInteger(0)
    const scope = tlvInteger(0, BER.enumerated)
    const filter = tlvText('objectClass', PRESENT)
    const search = tlv(
      SEARCH,
      tlvText(''),
      scope,
      scope,
      zero,
      zero,
      tlv(BER.boolean, Uint8Array.of(0)),
      filter,
      tlv(BER.sequence),
    )
    return tlv(BER.sequence, tlvInteger(token & 0x7fffffff), search)
  },
  answers: (reply, token) =>
    orNull(() => berInteger(expectTlv(new Reader(expectTlv(new Reader(reply), BER.sequence)), BER.integer))) ===
    (token & 0x7fffffff),
}
