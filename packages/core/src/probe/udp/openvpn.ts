/**
 * OpenVPN's first packet (OpenVPN wire protocol, "P_CONTROL_HARD_RESET_CLIENT_V2"): opcode 7 in the upper five bits,
 * session id(8), no acknowledgements, packet id 0. Servers with tls-auth stay silent.
 */
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [CLIENT_RESET_V2, SERVER_RESET_V2] = [7, 8]

export const openvpn: UdpQuestion = {
  name: 'openvpn',
  ports: [1194],
  datagram: (token) =>
    new Writer()
      .u8(CLIENT_RESET_V2 << 3)
      .u32(token)
      .u32(~token >>> 0)
      .u8(0)
      .u32(0)
      .finish(),
  answers: (reply) => reply.length >= 14 && (reply[0] ?? 0) >> 3 === SERVER_RESET_V2,
}
