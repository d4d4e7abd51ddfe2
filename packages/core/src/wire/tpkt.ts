/**
 * ISO transport over TCP (RFC 1006, X.224), which RDP, S7, MMS and H.323 stand on:
 *
 *   tpkt    = 3(1) 0(1) length(2) x224
 *   x224    = length(1) code(1) ...       0xe0 connection request, 0xd0 connection confirm, 0xf0 data, 0x80 disconnect
 *   request = length code destination(2) source(2) class(1) variable part
 */
import { orNull, Reader } from './reader.ts'
import { Writer } from './writer.ts'

export const X224 = { request: 0xe0, confirm: 0xd0, disconnect: 0x80, data: 0xf0 } as const

export interface TpktMessage {
  readonly code: number
  /** What follows code, references and class; for data what follows the end mark. */
  readonly body: Uint8Array
  /** Bytes of the whole packet. */
  readonly length: number
}

export function tpkt(x224: Uint8Array): Uint8Array {
  return new Writer()
    .u8(3)
    .u8(0)
    .u16(4 + x224.length)
    .bytes(x224)
    .finish()
}

export function connectionRequest(variable: Uint8Array): Uint8Array {
  return tpkt(
    new Writer()
      .u8(6 + variable.length)
      .u8(X224.request)
      .zeros(5)
      .bytes(variable)
      .finish(),
  )
}

export function dataPacket(payload: Uint8Array): Uint8Array {
  return tpkt(new Writer().u8(2).u8(X224.data).u8(0x80).bytes(payload).finish())
}

/** The first packet when it has come whole. */
export function parseTpkt(bytes: Uint8Array): TpktMessage | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== 3 || reader.u8() !== 0) return null
    const length = reader.u16()
    const packet = new Reader(reader.take(length - 4))
    const header = packet.u8()
    const code = packet.u8()
    if (code === X224.data) {
      if (header !== 2) return null
      packet.skip(1)
    } else {
      if (header !== packet.bytes.length - 1 || (code !== X224.confirm && code !== X224.disconnect)) return null
      packet.skip(5)
    }
    return { code, body: packet.rest(), length }
  })
}
