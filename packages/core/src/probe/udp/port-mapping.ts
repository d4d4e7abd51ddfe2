/** Asking a home router about its port mappings: NAT-PMP (RFC 6886) and its successor PCP (RFC 6887), on one port. */
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const RESPONSE = 0x80

/** External address request (RFC 6886 section 3.2): version 0, opcode 0. */
export const natPmp: UdpQuestion = {
  name: 'nat-pmp',
  ports: [5351],
  datagram: () => Uint8Array.of(0, 0),
  answers: (reply) => reply.length >= 8 && reply[1] === RESPONSE,
}

/** ANNOUNCE (RFC 6887 section 14.1): version 2, opcode 0, reserved, lifetime 0, the client's address (mapped, unknown). */
export const pcp: UdpQuestion = {
  name: 'pcp',
  ports: [5351],
  datagram: () => new Writer().u8(2).u8(0).u16(0).u32(0).zeros(10).u16(0xffff).u32(0).finish(),
  answers: (reply) => reply.length >= 8 && reply[1] === RESPONSE,
}
