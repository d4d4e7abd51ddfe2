/**
 * DTLS ClientHello (RFC 6347 section 4.2, RFC 5246 section 7.4.1.2). A server answers with HelloVerifyRequest, ServerHello
 * or an alert; all carry a version that begins with 0xfe.
 *
 *   record    = 22 version(2) epoch(2) sequence(6) length(2)
 *   handshake = 1 length(3) message-sequence(2) fragment-offset(3) fragment-length(3)
 */
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [DTLS_1_0, DTLS_1_2] = [0xfeff, 0xfefd]
/** ECDHE and RSA with AES-GCM and AES-CBC, pre-shared key with CCM-8 (what CoAP devices have), renegotiation signal. */
const SUITES = [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xc009, 0xc013, 0x009c, 0x002f, 0x0035, 0xc0a8, 0xc0ae, 0x00ff]
/** supported_groups, ec_point_formats, signature_algorithms, extended_master_secret. */
const EXTENSIONS: readonly (readonly [type: number, body: readonly number[]])[] = [
  [10, [0, 6, 0, 29, 0, 23, 0, 24]],
  [11, [1, 0]],
  [13, [0, 12, 4, 3, 5, 3, 4, 1, 5, 1, 6, 1, 2, 1]],
  [23, []],
]

export const dtls: UdpQuestion = {
  name: 'dtls',
  ports: [443, 4433, 4755, 5684, 6514, 10161, 2083],
  datagram(token) {
    const hello = new Writer()
      .u16(DTLS_1_2)
      .u32(token)
      .bytes(random(token))
      .u8(0)
      .u8(0)
      .u16(SUITES.length * 2)
    for (const suite of SUITES) hello.u16(suite)
    hello.u8(1).u8(0)
    const extensions = new Writer()
    for (const [type, body] of EXTENSIONS) extensions.u16(type).u16(body.length).bytes(body)
    const body = hello.u16(extensions.length).bytes(extensions.finish()).finish()
    const record = new Writer()
      .u8(22)
      .u16(DTLS_1_0)
      .u16(0)
      .zeros(6)
      .u16(body.length + 12)
    return record.u8(1).u24(body.length).u16(0).u24(0).u24(body.length).bytes(body).finish()
  },
  answers: (reply) => reply.length >= 13 && (reply[0] === 21 || reply[0] === 22) && reply[1] === 0xfe,
}

/** The 28 bytes after the time: they need to differ, not to be secret, since no session follows. */
function random(token: number): Uint8Array {
  return Uint8Array.from({ length: 28 }, (_, i) => Math.imul(token ^ i, 0x9e3779b1) >>> 24)
}
