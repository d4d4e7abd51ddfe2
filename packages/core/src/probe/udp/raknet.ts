/** RakNet unconnected ping (Bedrock protocol documentation, "Unconnected Ping"): 1, time, magic, client id. */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const RAKNET_MAGIC = [0, 255, 255, 0, 254, 254, 254, 254, 253, 253, 253, 253, 18, 52, 86, 120] as const

export const raknet: UdpQuestion = {
  name: 'raknet',
  ports: [19132, 19133],
  datagram: (token) => new Writer().u8(1).u32(0).u32(token).bytes(RAKNET_MAGIC).u32(0).u32(token).finish(),
  answers: (reply, token) => reply.length >= 35 && reply[0] === 28 && new Reader(reply, 5).u32() === token,
}
