/**
 * CoAP (RFC 7252 section 3): confirmable GET of `/.well-known/core` (RFC 6690 section 4), which lists what the device
 * has. Message id and token are echoed.
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

/** Version 1, confirmable, token of four bytes. */
const HEADER = 0x44
const GET = 1
const URI_PATH = 11

/** A GET of the path's segments, each shorter than 13 bytes. */
export function coapGet(token: number, ...path: readonly string[]): Uint8Array {
  const writer = new Writer()
    .u8(HEADER)
    .u8(GET)
    .u16(token & 0xffff)
    .u32(token)
  path.forEach((segment, i) => {
    writer.u8((i === 0 ? URI_PATH << 4 : 0) | segment.length).latin1(segment)
  })
  return writer.finish()
}

export const coap: UdpQuestion = {
  name: 'coap',
  ports: [5683],
  datagram: (token) => coapGet(token, '.well-known', 'core'),
  answers: (reply, token) =>
    reply.length >= 4 && reply[0]! >> 6 === 1 && new Reader(reply, 2).u16() === (token & 0xffff),
}
