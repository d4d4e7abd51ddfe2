/**
 * HTTP/2 frames (RFC 9113 section 4.1), as far as one request and its answer need them:
 *
 *   frame => length(3) type(1) flags(1) stream(4, top bit reserved) payload
 *
 * A server always begins with SETTINGS on stream 0 (section 3.4), which makes it unmistakable.
 */
import { type HeaderField, readHeaderBlock, writeField } from './hpack.ts'
import { orNull, Reader } from './reader.ts'
import { Writer } from './writer.ts'

export interface Http2Answer {
  readonly settings: readonly (readonly [id: number, value: number])[]
  /** Of the first stream that was answered, pseudo-headers included; empty when none was. */
  readonly headers: readonly HeaderField[]
  readonly body: Uint8Array
  /** The error of GOAWAY, and what it says besides. */
  readonly goAway: { readonly code: number; readonly text: string } | null
  /** The answer has ended, or the connection has. */
  readonly complete: boolean
}

const [DATA, HEADERS, SETTINGS, GOAWAY, CONTINUATION, RST_STREAM] = [0, 1, 4, 7, 9, 3]
const [END_STREAM, END_HEADERS, PADDED, PRIORITY] = [1, 4, 8, 0x20]
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const [FRAME_CAP, FRAMES_CAP, BODY_CAP, SETTINGS_CAP] = [16_384, 200, 65_536, 32]

/** The preface, empty settings, and one GET on stream 1. Each field under 127 bytes. */
export function http2Get(fields: readonly HeaderField[]): Uint8Array {
  const block = fields.reduce((writer, field) => writeField(writer, field), new Writer()).finish()
  const request = new Writer().latin1(PREFACE)
  for (const frame of [
    { type: SETTINGS, flags: 0, stream: 0, payload: new Uint8Array() },
    { type: HEADERS, flags: END_STREAM | END_HEADERS, stream: 1, payload: block },
  ])
    request.u24(frame.payload.length).u8(frame.type).u8(frame.flags).u32(frame.stream).bytes(frame.payload)
  return request.finish()
}

interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Uint8Array
}

/** Null when the bytes are not the beginning of a server's side. What is cut short is left out. */
export function parseHttp2(bytes: Uint8Array): Http2Answer | null {
  const reader = new Reader(bytes)
  const first = orNull(() => readFrame(reader))
  if (first === null || first.type !== SETTINGS || first.flags !== 0 || first.stream !== 0) return null
  const settings = readSettings(first.payload)
  if (settings === null) return null
  const block: Uint8Array[] = []
  const body: Uint8Array[] = []
  let goAway: Http2Answer['goAway'] = null
  let [complete, headersEnded, size] = [false, false, 0]
  for (let i = 0; i < FRAMES_CAP && !complete; i++) {
    const frame = orNull(() => readFrame(reader))
    if (frame === null) break
    if (frame.type === GOAWAY) goAway = orNull(() => readGoAway(frame.payload))
    if (frame.type === GOAWAY || frame.type === RST_STREAM) complete = true
    if (frame.stream !== 1) continue
    if ((frame.type === HEADERS || frame.type === CONTINUATION) && !headersEnded) {
      block.push(content(frame))
      headersEnded = (frame.flags & END_HEADERS) !== 0
    } else if (frame.type === DATA) {
      body.push(content(frame))
      size += frame.payload.length
    }
    if (((frame.flags & END_STREAM) !== 0 && frame.type <= HEADERS) || size >= BODY_CAP) complete = true
  }
  const headers = headersEnded ? (orNull(() => readHeaderBlock(new Reader(Buffer.concat(block)))) ?? []) : []
  return { settings, headers, body: Buffer.concat(body), goAway, complete }
}

function readFrame(reader: Reader): Frame {
  const length = reader.u24()
  const [type, flags, stream] = [reader.u8(), reader.u8(), reader.u32() & 0x7fffffff]
  return { type, flags, stream, payload: reader.take(length, FRAME_CAP) }
}

function readSettings(payload: Uint8Array): Http2Answer['settings'] | null {
  if (payload.length % 6 !== 0 || payload.length > SETTINGS_CAP * 6) return null
  const reader = new Reader(payload)
  return Array.from({ length: payload.length / 6 }, () => [reader.u16(), reader.u32()] as const)
}

function readGoAway(payload: Uint8Array): Http2Answer['goAway'] {
  const reader = new Reader(payload)
  reader.skip(4)
  const code = reader.u32()
  return { code, text: reader.latin1(Math.min(reader.remaining, 512)) }
}

/** Without padding and priority (sections 6.1, 6.2). */
function content({ type, flags, payload }: Frame): Uint8Array {
  const padded = type <= HEADERS && (flags & PADDED) !== 0
  const start = (padded ? 1 : 0) + (type === HEADERS && (flags & PRIORITY) !== 0 ? 5 : 0)
  return payload.subarray(start, payload.length - (padded ? (payload[0] ?? 0) : 0))
}
