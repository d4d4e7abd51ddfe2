/**
 * SPNEGO (RFC 4178 section 4.2) around NTLM:
 *
 *   first  = [APPLICATION 0] { SPNEGO, [0] SEQUENCE { [0] SEQUENCE OF mechanism, [2] token } }
 *   next   = [1] SEQUENCE { [2] token }
 */
import { BER, tlv, tlvOid } from './ber.ts'

const [APPLICATION, FIELD_0, FIELD_1, FIELD_2] = [0x60, 0xa0, 0xa1, 0xa2]

export function spnegoInit(token: Uint8Array): Uint8Array {
  const mechanisms = tlv(FIELD_0, tlv(BER.sequence, tlvOid('1.3.6.1.4.1.311.2.2.10')))
  const init = tlv(BER.sequence, mechanisms, tlv(FIELD_2, tlv(BER.octets, token)))
  return tlv(APPLICATION, tlvOid('1.3.6.1.5.5.2'), tlv(FIELD_0, init))
}

export function spnegoNext(token: Uint8Array): Uint8Array {
  return tlv(FIELD_1, tlv(BER.sequence, tlv(FIELD_2, tlv(BER.octets, token))))
}
