/**
 * IKE headers and payload chains, version 1 (RFC 2408 section 3) and version 2 (RFC 7296 section 3):
 *
 *   message = initiator-spi(8) responder-spi(8) next(1) version(1) exchange(1) flags(1) id(4) length(4) payload*
 *   payload = next(1) reserved(1) length(2) body
 */
import { orNull, Reader } from './reader.ts'

const PAYLOADS_CAP = 32

export interface IkePayload {
  readonly type: number
  readonly body: Uint8Array
}

export interface IkeMessage {
  readonly initiatorSpi: bigint
  readonly responderSpi: bigint
  readonly major: number
  readonly minor: number
  readonly exchange: number
  readonly flags: number
  readonly messageId: number
  readonly payloads: readonly IkePayload[]
}

/** A message whose length adds up; payloads of encrypted messages are not looked into. */
export function parseIke(bytes: Uint8Array): IkeMessage | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const [initiatorSpi, responderSpi] = [reader.u64(), reader.u64()]
    let next = reader.u8()
    const version = reader.u8()
    const [exchange, flags, messageId] = [reader.u8(), reader.u8(), reader.u32()]
    if (reader.u32() !== bytes.length || initiatorSpi === 0n || (version >> 4 !== 1 && version >> 4 !== 2)) return null
    const payloads: IkePayload[] = []
    while (next !== 0 && payloads.length < PAYLOADS_CAP) {
      const type = next
      next = reader.u8()
      reader.skip(1)
      payloads.push({ type, body: reader.take(reader.u16() - 4) })
    }
    if (reader.remaining > 0) return null
    return {
      initiatorSpi,
      responderSpi,
      major: version >> 4,
      minor: version & 15,
      exchange,
      flags,
      messageId,
      payloads,
    }
  })
}
