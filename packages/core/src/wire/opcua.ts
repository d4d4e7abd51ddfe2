/**
 * OPC UA over TCP (OPC 10000-6, sections 5.2 and 7.1), little-endian:
 *
 *   message = type(3 letters) "F" length(4) body
 *   HEL     => protocol(4) receive(4) send(4) message(4) chunks(4) url(string)      answered ACK or ERR
 *   OPN     => channel(4) policy(string) certificate(string) thumbprint(string) sequence(4) request(4) node body
 *   MSG     => channel(4) token(4) sequence(4) request(4) node body
 *   string  = length(4, -1 for null) bytes;  node = 1(1) 0(1) id(2)
 */
import { orNull, Reader } from './reader.ts'
import { Writer } from './writer.ts'

const MESSAGE_CAP = 65_536

export interface UaMessage {
  readonly type: string
  readonly body: Uint8Array
  /** Bytes of the whole message. */
  readonly length: number
}

export function uaMessage(type: string, body: Uint8Array): Uint8Array {
  return new Writer()
    .latin1(`${type}F`)
    .u32le(8 + body.length)
    .bytes(body)
    .finish()
}

/** The first message when it has come whole. */
export function parseUaMessage(bytes: Uint8Array): UaMessage | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const type = reader.latin1(3)
    if (!/^(?:HEL|ACK|ERR|OPN|MSG|RHE)$/.test(type) || !/^[FCA]$/.test(reader.latin1(1))) return null
    const length = reader.u32le()
    return { type, body: reader.take(length - 8, MESSAGE_CAP), length }
  })
}

export function writeUaString(writer: Writer, text: string | null): Writer {
  return text === null ? writer.u32le(0xffffffff) : writer.u32le(text.length).latin1(text)
}

export function readUaString(reader: Reader): string | null {
  const length = reader.u32le()
  return length === 0xffffffff ? null : Buffer.from(reader.take(length, 4096)).toString('utf8')
}

/** Null token, now, a handle, no diagnostics, no audit entry, a time to answer in, nothing more (OPC 10000-4, 7.33). */
export function writeUaRequestHeader(writer: Writer, handle: number): Writer {
  writer.u16le(0).u64le(0n).u32le(handle).u32le(0)
  return writeUaString(writer, null).u32le(5000).u8(0).u8(0).u8(0)
}
