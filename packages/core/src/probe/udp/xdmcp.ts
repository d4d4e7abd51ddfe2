/** XDMCP Query (X Display Manager Control Protocol 1.1, section 3): version 1, opcode 2, no authentication names. */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const xdmcp: UdpQuestion = {
  name: 'xdmcp',
  ports: [177],
  datagram: () => new Writer().u16(1).u16(2).u16(1).u8(0).finish(),
  answers: (reply) => reply.length >= 6 && new Reader(reply).u16() === 1 && [5, 6].includes(new Reader(reply, 2).u16()),
}
