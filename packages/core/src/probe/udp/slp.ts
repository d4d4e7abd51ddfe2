/**
 * Service Location Protocol, which types of service are there (RFC 2608 section 10.1, version 2, function 9): header with
 * transaction id and language, empty list of previous responders, all naming authorities, the default scope.
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [TYPE_REQUEST, TYPE_REPLY] = [9, 10]
const SCOPE = 'DEFAULT'

export const slp: UdpQuestion = {
  name: 'slp',
  ports: [427],
  datagram(token) {
    const body = new Writer().u16(0).u16(0xffff).u16(SCOPE.length).latin1(SCOPE).finish()
    const header = new Writer()
      .u8(2)
      .u8(TYPE_REQUEST)
      .u24(16 + body.length)
      .u16(0)
      .u24(0)
      .u16(token & 0xffff)
    return header.u16(2).latin1('en').bytes(body).finish()
  },
  answers: (reply, token) =>
    reply.length >= 14 && reply[0] === 2 && reply[1] === TYPE_REPLY && new Reader(reply, 10).u16() === (token & 0xffff),
}
