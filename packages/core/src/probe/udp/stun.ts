/** STUN binding request (RFC 8489 section 5): type 1, no attributes, the magic cookie, a transaction id that is echoed. */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const COOKIE = 0x2112a442

export const stun: UdpQuestion = {
  name: 'stun',
  ports: [3478, 3479, 5349],
  datagram: (token) => new Writer().u16(1).u16(0).u32(COOKIE).u32(token).zeros(8).finish(),
  answers: (reply, token) => reply.length >= 20 && new Reader(reply, 8).u32() === token >>> 0,
}
