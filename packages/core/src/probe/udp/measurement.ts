/** Time and delay: STAMP reflectors (RFC 8762) and Roughtime servers (draft-ietf-ntp-roughtime). */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

/** Unauthenticated test packet (section 4.2.1), 44 bytes; the reflector repeats our sequence number at offset 24. */
export const stamp: UdpQuestion = {
  name: 'stamp',
  ports: [862],
  datagram: (token) => new Writer().u32(token).zeros(8).u16(1).zeros(30).finish(),
  answers: (reply, token) => reply.length >= 44 && new Reader(reply, 24).u32() === token >>> 0,
}

/** Request of 1,024 bytes: two tags, NONC (64 bytes) and PAD; the answer is the same kind of map. */
export const roughtime: UdpQuestion = {
  name: 'roughtime',
  ports: [2002],
  datagram: (token) => new Writer().u32le(2).u32le(64).latin1('NONCPAD\xff').u32(token).zeros(1004).finish(),
  answers(reply) {
    if (reply.length < 64) return false
    const tags = new Reader(reply).u32le()
    return tags >= 2 && tags <= 16
  },
}
