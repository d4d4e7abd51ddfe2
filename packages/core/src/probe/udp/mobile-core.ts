/** Are you there, in the core of a mobile network: GTP (3GPP TS 29.060, 29.274, 29.281) and PFCP (TS 29.244). */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [ECHO_REQUEST, ECHO_RESPONSE] = [1, 2]

/** Version 1, protocol GTP, sequence number present: type, length 4, tunnel 0, sequence, two spare bytes. */
function echoV1(token: number): Uint8Array {
  return new Writer()
    .u8(0x32)
    .u8(ECHO_REQUEST)
    .u16(4)
    .u32(0)
    .u16(token & 0xffff)
    .u16(0)
    .finish()
}

const answersV1 = (reply: Uint8Array, token: number) =>
  reply.length >= 12 && reply[1] === ECHO_RESPONSE && new Reader(reply, 8).u16() === (token & 0xffff)

/** Versions 2 of GTP-C and 1 of PFCP share header and sequence number (3 bytes). */
const answersV2 = (reply: Uint8Array, token: number) =>
  reply.length >= 8 && reply[1] === ECHO_RESPONSE && new Reader(reply, 4).u24() === (token & 0xffffff)

export const gtpC: UdpQuestion = { name: 'gtp-c', ports: [2123], datagram: echoV1, answers: answersV1 }

export const gtpU: UdpQuestion = { name: 'gtp-u', ports: [2152], datagram: echoV1, answers: answersV1 }

export const gtpV2: UdpQuestion = {
  name: 'gtp-v2',
  ports: [2123],
  datagram: (token) =>
    new Writer()
      .u8(0x40)
      .u8(ECHO_REQUEST)
      .u16(4)
      .u24(token & 0xffffff)
      .u8(0)
      .finish(),
  answers: answersV2,
}

/** Heartbeat with the one mandatory element, Recovery Time Stamp (96): 1 January 2024 in NTP seconds. */
export const pfcp: UdpQuestion = {
  name: 'pfcp',
  ports: [8805],
  datagram: (token) =>
    new Writer()
      .u8(0x20)
      .u8(1)
      .u16(12)
      .u24(token & 0xffffff)
      .u8(0)
      .u16(96)
      .u16(4)
      .u32(3_913_056_000)
      .finish(),
  answers: answersV2,
}
