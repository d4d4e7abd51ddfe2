/** What runs plants: EtherNet/IP, HART-IP, Omron FINS. Identity questions only; nothing is read from a process. */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

/** ListIdentity (CIP volume 2, 2-4.2): command 0x63, the sender's context is echoed. */
export const ethernetIp: UdpQuestion = {
  name: 'ethernet-ip',
  ports: [44818],
  datagram: (token) => new Writer().u16le(0x63).zeros(10).u32(token).zeros(8).finish(),
  answers: (reply, token) =>
    reply.length >= 24 && new Reader(reply).u16le() === 0x63 && new Reader(reply, 12).u32() === token >>> 0,
}

/** Session initiation (HCF_SPEC-85, 10.3.2): version 1, request, id 0, status 0, sequence, length 13; primary master, 30 s. */
export const hartIp: UdpQuestion = {
  name: 'hart-ip',
  ports: [5094],
  datagram: (token) =>
    new Writer()
      .u32(0x01000000)
      .u16(token & 0xffff)
      .u16(13)
      .u8(1)
      .u32(30_000)
      .finish(),
  answers: (reply, token) =>
    reply.length >= 8 && new Reader(reply).u24() === 0x010100 && new Reader(reply, 4).u16() === (token & 0xffff),
}

/** Controller Data Read (FINS Commands Reference Manual W227, 5-3-9): header of ten bytes, service id echoed, command 05 01. */
export const omronFins: UdpQuestion = {
  name: 'omron-fins',
  ports: [9600],
  datagram: (token) =>
    new Writer()
      .u24(0x800002)
      .zeros(6)
      .u8(token & 0xff)
      .u16(0x0501)
      .u8(0)
      .finish(),
  answers: (reply, token) =>
    reply.length >= 14 && ((reply[0] ?? 0) & 0xc0) === 0xc0 && reply[9] === (token & 0xff) && reply[10] === 5,
}

/** Device discovery (GigE Vision, GVCP section 16.1): key 0x42, acknowledge, command 2, no data, request id echoed. */
export const gvcp: UdpQuestion = {
  name: 'gvcp',
  ports: [3956],
  datagram: (token) =>
    new Writer()
      .u32(0x42110002)
      .u16(0)
      .u16((token & 0xffff) | 1)
      .finish(),
  answers: (reply, token) =>
    reply.length >= 8 && new Reader(reply, 2).u16() === 3 && new Reader(reply, 6).u16() === ((token & 0xffff) | 1),
}
