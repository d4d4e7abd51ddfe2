/**
 * memcached over UDP (doc/protocol.txt, "UDP protocol"): request id(2) sequence(2) datagrams(2) reserved(2), then text. Only
 * `version` is asked for: its answer is shorter than the question, so nobody is amplified.
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const memcached: UdpQuestion = {
  name: 'memcached',
  ports: [11211],
  datagram: (token) =>
    new Writer()
      .u16(token & 0xffff)
      .u16(0)
      .u16(1)
      .u16(0)
      .latin1('version\r\n')
      .finish(),
  answers: (reply, token) => reply.length > 8 && new Reader(reply).u16() === (token & 0xffff),
}
