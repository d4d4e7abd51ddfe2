/**
 * L2TP Start-Control-Connection-Request (RFC 2661 section 6.1): control header, then AVPs, each
 * mandatory+length(2) vendor(2) attribute(2) value. The answer is addressed to the tunnel id we assign.
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

/** Type, length and sequence bits, version 2. */
const CONTROL = 0xc802
const HOST = 'portolan'
const tunnel = (token: number) => (token & 0xffff) | 1

function avp(attribute: number, value: Uint8Array): Uint8Array {
  return new Writer()
    .u16(0x8000 | (6 + value.length))
    .u16(0)
    .u16(attribute)
    .bytes(value)
    .finish()
}

export const l2tp: UdpQuestion = {
  name: 'l2tp',
  ports: [1701],
  datagram(token) {
    const avps = new Writer()
      .bytes(avp(0, Uint8Array.of(0, 1)))
      .bytes(avp(2, Uint8Array.of(1, 0)))
      .bytes(avp(3, Uint8Array.of(0, 0, 0, 3)))
      .bytes(avp(7, Buffer.from(HOST, 'latin1')))
      .bytes(avp(9, new Writer().u16(tunnel(token)).finish()))
      .finish()
    return new Writer()
      .u16(CONTROL)
      .u16(12 + avps.length)
      .zeros(8)
      .bytes(avps)
      .finish()
  },
  answers(reply, token) {
    if (reply.length < 12) return false
    const reader = new Reader(reply)
    const control = (reader.u16() & 0xc00f) === (CONTROL & 0xc00f)
    reader.skip(2)
    return control && reader.u16() === tunnel(token)
  },
}
