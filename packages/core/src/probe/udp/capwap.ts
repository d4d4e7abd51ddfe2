/**
 * CAPWAP Discovery Request (RFC 5415 section 5.1) from an access point with no radios: header of 8 bytes for IEEE 802.11,
 * control header, then elements of type(2) length(2) value. The sequence number is echoed.
 */
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

/** Header length 2 (words), binding 1. */
const HEADER = 0x00100200
const [REQUEST, RESPONSE] = [1, 2]
/** Discovery type, board data (model, serial), descriptor (hardware, boot, software versions), tunnel mode, MAC type, radio. */
const ELEMENTS: readonly (readonly [type: number, value: readonly number[]])[] = [
  [20, [1]],
  [38, [0, 0, 0, 0, 0, 0, 0, 1, 0x30, 0, 1, 0, 1, 0x30]],
  [39, [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x30, 0, 0, 0, 0, 0, 1, 0, 1, 0x30, 0, 0, 0, 0, 0, 2, 0, 1, 0x30]],
  [41, [4]],
  [44, [0]],
  [1048, [1, 0, 0, 0, 0x0f]],
]

export const capwap: UdpQuestion = {
  name: 'capwap',
  ports: [5246],
  datagram(token) {
    const elements = new Writer()
    for (const [type, value] of ELEMENTS) elements.u16(type).u16(value.length).bytes(value)
    const body = elements.finish()
    const header = new Writer()
      .u32(HEADER)
      .u32(0)
      .u32(REQUEST)
      .u8(token & 0xff)
    return header
      .u16(body.length + 3)
      .u8(0)
      .bytes(body)
      .finish()
  },
  answers: (reply, token) => reply.length >= 13 && reply[11] === RESPONSE && reply[12] === (token & 0xff),
}
