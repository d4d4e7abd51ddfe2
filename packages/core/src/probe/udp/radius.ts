/**
 * RADIUS Status-Server (RFC 5997): code 12, identifier, length, authenticator(16), Message-Authenticator (attribute 80).
 * We share no secret with the server, so most say nothing.
 */
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const radius: UdpQuestion = {
  name: 'radius',
  ports: [1812, 1813, 1645, 1646],
  datagram: (token) =>
    new Writer()
      .u8(12)
      .u8(token & 0xff)
      .u16(38)
      .u32(token)
      .zeros(12)
      .u8(80)
      .u8(18)
      .zeros(16)
      .finish(),
  answers: (reply, token) => reply.length >= 20 && [2, 3, 5, 11].includes(reply[0] ?? 0) && reply[1] === (token & 0xff),
}
