/** Web caches among themselves: ICP (RFC 2186) and HTCP (RFC 2756). */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const URL = 'http://portolan.invalid/\0'

/** Query for a page nobody has: opcode 1, version 2, length, request number (echoed), options, sender; requester, URL. */
export const icp: UdpQuestion = {
  name: 'icp',
  ports: [3130],
  datagram: (token) =>
    new Writer()
      .u8(1)
      .u8(2)
      .u16(24 + URL.length)
      .u32(token)
      .zeros(16)
      .latin1(URL)
      .finish(),
  answers: (reply, token) => reply.length >= 20 && reply[1] === 2 && new Reader(reply, 4).u32() === token >>> 0,
}

/** NOP, answer wanted: length, version 0.0; data length, opcode 0, RD, transaction id (echoed); no authentication. */
export const htcp: UdpQuestion = {
  name: 'htcp',
  ports: [4827],
  datagram: (token) => new Writer().u16(14).u16(0).u16(8).u8(0).u8(2).u32(token).u16(2).finish(),
  answers: (reply, token) => reply.length >= 12 && new Reader(reply, 8).u32() === token >>> 0,
}
