/**
 * AFS servers speak Rx (Rx protocol specification draft, packet type 13, "version"): epoch(4) connection(4) call(4)
 * sequence(4) serial(4) type(1) flags(1) ..., 28 bytes of header and room for the answer.
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const VERSION = 13
const CLIENT_INITIATED = 1

export const afs: UdpQuestion = {
  name: 'afs',
  ports: [7000, 7001, 7002, 7003, 7005, 7007],
  datagram: (token) => new Writer().u32(token).zeros(16).u8(VERSION).u8(CLIENT_INITIATED).zeros(6).zeros(65).finish(),
  answers: (reply, token) => reply.length > 28 && reply[20] === VERSION && new Reader(reply).u32() === token >>> 0,
}
