/**
 * QUIC, asked in a version that does not exist (RFC 9000 section 6, RFC 8999): 1,200 bytes with a long header, and any
 * server, whatever it carries (HTTP/3, DNS, ...), answers with the versions it knows and our connection ids exchanged.
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

/** Reserved to force negotiation (RFC 9000 section 15). */
const VERSION = 0x1a2a3a4a
const SMALLEST = 1200

export const quic: UdpQuestion = {
  name: 'quic',
  ports: [443, 80, 784, 853, 4001, 8443, 8853],
  datagram(token) {
    const writer = new Writer()
      .u8(0xc0)
      .u32(VERSION)
      .u8(8)
      .u32(token)
      .u32(~token >>> 0)
      .u8(4)
      .u32(token)
    return writer.zeros(SMALLEST - writer.length).finish()
  },
  answers(reply, token) {
    if (reply.length < 11 || (reply[0] ?? 0) < 0x80) return false
    const reader = new Reader(reply, 1)
    return reader.u32() === 0 && reader.u8() === 4 && reader.u32() === token >>> 0
  },
}
