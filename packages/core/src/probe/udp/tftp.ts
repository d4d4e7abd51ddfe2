/**
 * TFTP read request (RFC 1350 section 5) for a file nobody has: opcode 1, name, NUL, mode, NUL. The server answers from a
 * port of its own choosing (section 4): ERROR (5), or DATA (3) or OACK (6, RFC 2347) from one that serves anything.
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const tftp: UdpQuestion = {
  name: 'tftp',
  ports: [69],
  datagram: (token) =>
    new Writer()
      .u16(1)
      .latin1(`portolan-${token.toString(16)}\0octet\0`)
      .finish(),
  answers: (reply) => reply.length >= 4 && [3, 5, 6].includes(new Reader(reply).u16()),
}
