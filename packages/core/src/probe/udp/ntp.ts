/** NTP client request (RFC 5905 section 7.3): version 4, mode 3; the server echoes our transmit timestamp. */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const VERSION_4_CLIENT = 0x23
const SERVER = 4
const LENGTH = 48

export const ntp: UdpQuestion = {
  name: 'ntp',
  ports: [123],
  datagram: (token) => new Writer().u8(VERSION_4_CLIENT).zeros(39).u32(token).u32(token).finish(),
  answers(reply, token) {
    if (reply.length < LENGTH || (reply[0]! & 7) !== SERVER) return false
    const origin = new Reader(reply, 24)
    return origin.u32() === token && origin.u32() === token
  },
}
