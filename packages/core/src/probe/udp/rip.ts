/** Asking a router for its whole table: RIP version 2 (RFC 2453 section 3.9.1) and RIPng (RFC 2080 section 2.4.1). */
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [REQUEST, RESPONSE] = [1, 2]
const INFINITY = 16

export const rip: UdpQuestion = {
  name: 'rip',
  ports: [520],
  datagram: () => new Writer().u8(REQUEST).u8(2).zeros(18).u32(INFINITY).finish(),
  answers: (reply) => reply.length >= 4 && reply[0] === RESPONSE,
}

export const ripng: UdpQuestion = {
  name: 'ripng',
  ports: [521],
  datagram: () => new Writer().u8(REQUEST).u8(1).zeros(21).u8(INFINITY).finish(),
  answers: (reply) => reply.length >= 4 && reply[0] === RESPONSE,
}
