/** What runs buildings: BACnet/IP (ASHRAE 135 annex J) and KNXnet/IP (ISO 22510). */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

/**
 * ReadProperty of the object name of "the device you are" (wildcard instance, clause 15.5): BVLC original-unicast, NPDU
 * that expects a reply, confirmed request, object identifier (context 0), property 77 (context 1).
 */
export const bacnet: UdpQuestion = {
  name: 'bacnet',
  ports: [47808],
  datagram: (token) =>
    new Writer()
      .u16(0x810a)
      .u16(17)
      .u16(0x0104)
      .u16(0x0005)
      .u8(token & 0xff)
      .u8(12)
      .u8(0x0c)
      .u32(0x023fffff)
      .u8(0x19)
      .u8(77)
      .finish(),
  answers: (reply) => reply.length >= 6 && reply[0] === 0x81 && new Reader(reply, 2).u16() === reply.length,
}

/** DESCRIPTION_REQUEST (core, 7.6.3), to be answered wherever the question came from. */
export const knxnetIp: UdpQuestion = {
  name: 'knxnet-ip',
  ports: [3671],
  datagram: () => new Writer().u16(0x0610).u16(0x0203).u16(14).u8(8).u8(1).zeros(6).finish(),
  answers: (reply) => reply.length >= 6 && new Reader(reply).u32() === 0x06100204,
}
