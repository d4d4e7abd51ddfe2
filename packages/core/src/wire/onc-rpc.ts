/**
 * ONC RPC version 2 (RFC 5531) over XDR (RFC 4506), with null credentials.
 *
 *   call   = xid(4) 0(4) 2(4) program(4) version(4) procedure(4) credentials verifier arguments
 *   reply  = xid(4) 1(4) (0(4) verifier accept-status(4) (results | low(4) high(4))? | 1(4) reject)
 *   record = last(1 bit) length(31 bits) fragment       over TCP, section 11
 *   opaque = length(4) bytes padding to a multiple of four
 */
import { orNull, Reader, Truncated } from './reader.ts'
import { Writer } from './writer.ts'

export interface RpcCall {
  readonly xid: number
  readonly program: number
  readonly version: number
  readonly procedure: number
  readonly arguments?: Uint8Array
}

export type RpcReply = { readonly xid: number } & (
  | { readonly status: 'success'; readonly results: Uint8Array }
  | { readonly status: 'version-mismatch'; readonly low: number; readonly high: number }
  | { readonly status: 'program-unavailable' | 'procedure-unavailable' | 'garbage-arguments' | 'system-error' }
  | { readonly status: 'denied' }
)

const REFUSALS = ['procedure-unavailable', 'garbage-arguments', 'system-error'] as const

export function rpcCall(call: RpcCall): Uint8Array {
  const writer = new Writer().u32(call.xid).u32(0).u32(2).u32(call.program).u32(call.version).u32(call.procedure)
  return writer
    .zeros(16)
    .bytes(call.arguments ?? [])
    .finish()
}

/** A reply, or null when it is none. */
export function parseRpcReply(bytes: Uint8Array): RpcReply | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const xid = reader.u32()
    if (reader.u32() !== 1) return null
    const stat = reader.u32()
    if (stat === 1) return reader.u32() <= 1 ? { xid, status: 'denied' } : null
    if (stat !== 0 || reader.u32() > 7) return null
    readOpaque(reader, 400)
    return readAccepted(reader, xid)
  })
}

function readAccepted(reader: Reader, xid: number): RpcReply | null {
  const accept = reader.u32()
  if (accept === 0) return { xid, status: 'success', results: reader.rest() }
  if (accept === 1) return { xid, status: 'program-unavailable' }
  if (accept === 2) return { xid, status: 'version-mismatch', low: reader.u32(), high: reader.u32() }
  const status = REFUSALS[accept - 3]
  return status ? { xid, status } : null
}

/** A message as one TCP record. */
export function rpcRecord(message: Uint8Array): Uint8Array {
  return new Writer()
    .u32(0x80000000 + message.length)
    .bytes(message)
    .finish()
}

/** The first record's message when it is there as one whole fragment, else null. */
export function parseRpcRecord(bytes: Uint8Array, cap = 65_536): Uint8Array | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const mark = reader.u32()
    return mark >= 0x80000000 ? reader.take(mark - 0x80000000, cap) : null
  })
}

/** Variable-length opaque data, padding skipped. */
export function readOpaque(reader: Reader, cap = 1024): Uint8Array {
  const length = reader.u32()
  if (length > cap) throw new Truncated(`opaque of ${length} bytes`)
  const data = reader.take(length)
  reader.skip((4 - (length % 4)) % 4)
  return data
}
