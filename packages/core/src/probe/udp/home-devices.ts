/** Devices that announce themselves to their makers' own tools, as the makers document it. */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

/** LIFX lamps (LIFX LAN protocol, "Packet contents"): GetService (2) to every device; our source id is echoed. */
export const lifx: UdpQuestion = {
  name: 'lifx',
  ports: [56700],
  datagram: (token) => new Writer().u16le(36).u16le(0x3400).u32(token).zeros(24).u16le(2).u16(0).finish(),
  answers: (reply, token) =>
    reply.length >= 36 && new Reader(reply, 4).u32() === token >>> 0 && new Reader(reply, 32).u16le() === 3,
}

/** Ubiquiti discovery: version 1, command 0, no data. */
export const ubiquiti: UdpQuestion = {
  name: 'ubiquiti-discovery',
  ports: [10001],
  datagram: () => Uint8Array.of(1, 0, 0, 0),
  answers: (reply) => reply.length >= 4 && reply[0] === 1 && new Reader(reply, 2).u16() === reply.length - 4,
}

/** Lantronix device servers (XPort integration guide, port 77FE): query f6, answered with f7. */
export const lantronix: UdpQuestion = {
  name: 'lantronix',
  ports: [30718],
  datagram: () => Uint8Array.of(0, 0, 0, 0xf6),
  answers: (reply) => reply.length >= 4 && reply[3] === 0xf7,
}
