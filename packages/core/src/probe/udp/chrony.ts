/**
 * chronyd's command protocol, version 6 (chrony, candm.h): a request for the tracking state, padded to the length of the
 * reply, sequence number from the token.
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [VERSION, REQUEST, TRACKING] = [6, 1, 33]
const REPLY_LENGTH = 104

export const chrony: UdpQuestion = {
  name: 'chrony',
  ports: [323],
  datagram(token) {
    const writer = new Writer().u8(VERSION).u8(REQUEST).u16(0).u16(TRACKING).u16(0).u32(token)
    return writer.zeros(REPLY_LENGTH - writer.length).finish()
  },
  answers: (reply, token) => reply.length >= 28 && reply[1] === 2 && new Reader(reply, 16).u32() === token,
}
