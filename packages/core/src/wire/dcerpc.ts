/**
 * DCE/RPC over connections (C706 chapter 12, [MS-RPCE] section 2.2.2):
 *
 *   pdu      = 5(1) 0(1) type(1) flags(1) data-representation(4) length(2) auth-length(2) call(4) body
 *   bind     = max-transmit(2) max-receive(2) group(4) count(1) zeros(3) context(2) 1(2) interface(20) NDR(20)
 *   bind-ack = max-transmit(2) max-receive(2) group(4) address-length(2) address pad count(1) zeros(3) (result(2) reason(2) syntax(20))*
 *   request  = hint(4) context(2) operation(2) stub         response = hint(4) context(2) cancels(1) zero(1) stub
 */
import { orNull, Reader } from './reader.ts'
import { Writer } from './writer.ts'

const PDU = { request: 0, response: 2, fault: 3, bind: 11, bindAck: 12, bindNak: 13 } as const
const TYPES = new Set<number>(Object.values(PDU))
/** First and last fragment. */
const WHOLE = 3
const NDR = { uuid: '8a885d04-1ceb-11c9-9fe8-08002b104860', major: 2, minor: 0 }
const NTLM = 10
const CONNECT_LEVEL = 2

export interface RpcInterface {
  readonly uuid: string
  readonly major: number
  readonly minor: number
}

export interface DcePdu {
  readonly kind: 'response' | 'fault' | 'bind-ack' | 'bind-nak'
  readonly callId: number
  readonly body: Uint8Array
  readonly last: boolean
  readonly length: number
}

function pdu(type: number, callId: number, body: Uint8Array, auth: Uint8Array = new Uint8Array()): Uint8Array {
  const writer = new Writer().u8(5).u8(0).u8(type).u8(WHOLE).u32(0x10000000)
  const length = 16 + body.length + (auth.length > 0 ? auth.length + 8 : 0)
  writer.u16le(length).u16le(auth.length).u32le(callId).bytes(body)
  if (auth.length > 0) writer.u8(NTLM).u8(CONNECT_LEVEL).u16le(0).u32le(1).bytes(auth)
  return writer.finish()
}

/** A bind to one interface; `auth` is an NTLM message, when given. */
export function dceBind(callId: number, target: RpcInterface, auth?: Uint8Array): Uint8Array {
  const writer = new Writer().u16le(4280).u16le(4280).u32le(0).u8(1).zeros(3).u16le(0).u16le(1)
  for (const { uuid, major, minor } of [target, NDR]) writer.bytes(uuidBytes(uuid)).u16le(major).u16le(minor)
  return pdu(PDU.bind, callId, writer.finish(), auth)
}

export function dceRequest(callId: number, operation: number, stub: Uint8Array): Uint8Array {
  return pdu(PDU.request, callId, new Writer().u32le(stub.length).u16le(0).u16le(operation).bytes(stub).finish())
}

/** The first fragment when it has come whole; its body without header and authentication. */
export function parseDce(bytes: Uint8Array): DcePdu | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== 5 || reader.u8() > 1) return null
    const type = reader.u8()
    const flags = reader.u8()
    if (!TYPES.has(type) || type === PDU.request || type === PDU.bind || reader.u32() !== 0x10000000) return null
    const length = reader.u16le()
    const authLength = reader.u16le()
    const callId = reader.u32le()
    const body = reader.take(length - 16 - (authLength > 0 ? authLength + 8 : 0))
    const kind =
      type === PDU.response ? 'response' : type === PDU.fault ? 'fault' : type === PDU.bindAck ? 'bind-ack' : 'bind-nak'
    return { kind, callId, body, last: (flags & 2) !== 0, length }
  })
}

/** A response's stub: what follows hint, context, cancel count and a reserved byte. */
export const dceStub = (response: DcePdu): Uint8Array => response.body.subarray(8)

/** The mixed-endian form of a UUID: three little-endian numbers, eight bytes as they are. */
export function uuidBytes(uuid: string): Uint8Array {
  const raw = Buffer.from(uuid.replaceAll('-', ''), 'hex')
  raw.subarray(0, 4).reverse()
  raw.subarray(4, 6).reverse()
  raw.subarray(6, 8).reverse()
  return raw
}
