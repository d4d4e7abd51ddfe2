/**
 * SMB 2 and 3 ([MS-SMB2] section 2.2) inside the NetBIOS session header (RFC 1002 section 4.3.1):
 *
 *   stream  = (0(1) length(3) message)*
 *   message = 0xfe "SMB" 64(2) charge(2) status(4) command(2) credits(2) flags(4) next(4) id(8) reserved(4) tree(4)
 *             session(8) signature(16) body                                                     little-endian
 */
import { orNull, Reader } from './reader.ts'
import { Writer } from './writer.ts'

export const SMB2_COMMAND = { negotiate: 0, sessionSetup: 1, treeConnect: 3, create: 5, ioctl: 11 } as const
export const STATUS_MORE_PROCESSING = 0xc0000016
const STATUS_PENDING = 0x103
/** One per request in practice. */
const INTERIM_CAP = 4
const HEADER = 64
const SIGNATURE = 0x424d53fe
const MESSAGE_CAP = 1 << 20
const [PREAUTH_INTEGRITY, ENCRYPTION] = [1, 2]

export interface Smb2Message {
  readonly status: number
  readonly command: number
  readonly treeId: number
  readonly sessionId: bigint
  /** The whole message: offsets inside count from its start. */
  readonly bytes: Uint8Array
}

export interface Smb2Request {
  readonly command: number
  readonly messageId: number
  readonly treeId?: number
  readonly sessionId?: bigint
  readonly body: Uint8Array
}

export function smb2Message({ command, messageId, treeId = 0, sessionId = 0n, body }: Smb2Request): Uint8Array {
  const writer = new Writer().u8(0).u24(HEADER + body.length)
  writer.u32le(SIGNATURE).u16le(HEADER).u16le(1).u32le(0).u16le(command).u16le(31).zeros(8)
  return writer.u64le(BigInt(messageId)).u32le(0xfeff).u32le(treeId).u64le(sessionId).zeros(16).bytes(body).finish()
}

/** The first message of a stream that has come whole; interim answers ("pending") are passed over. */
export function parseSmb2(bytes: Uint8Array): Smb2Message | null {
  const outer = new Reader(bytes)
  for (let i = 0; i < INTERIM_CAP; i++) {
    const message = readSmb2(outer)
    if (message?.status !== STATUS_PENDING) return message
  }
  return null
}

function readSmb2(outer: Reader): Smb2Message | null {
  return orNull(() => {
    if (outer.u8() !== 0) return null
    const message = outer.take(outer.u24(), MESSAGE_CAP)
    const reader = new Reader(message)
    if (reader.u32le() !== SIGNATURE || reader.u16le() !== HEADER) return null
    reader.skip(2)
    const status = reader.u32le()
    const command = reader.u16le()
    reader.skip(22)
    return { status, command, treeId: reader.u32le(), sessionId: reader.u64le(), bytes: message }
  })
}

/** All dialects; the last one needs to hear how we hash and encrypt. */
export const SMB2_DIALECTS = [0x0202, 0x0210, 0x0300, 0x0302, 0x0311] as const

export function smb2Negotiate(token: number): Uint8Array {
  const contexts = new Writer()
  contexts.u16le(PREAUTH_INTEGRITY).u16le(38).u32le(0).u16le(1).u16le(32).u16le(1)
  for (let i = 0; i < 8; i++) contexts.u32le(token)
  contexts.zeros(2).u16le(ENCRYPTION).u16le(6).u32le(0).u16le(2).u16le(2).u16le(1)
  const dialectsEnd = HEADER + 36 + SMB2_DIALECTS.length * 2
  const padding = (8 - (dialectsEnd % 8)) % 8
  const writer = new Writer().u16le(36).u16le(SMB2_DIALECTS.length).u16le(1).u16le(0).u32le(0x7f)
  for (let i = 0; i < 4; i++) writer.u32le(token)
  writer
    .u32le(dialectsEnd + padding)
    .u16le(2)
    .u16le(0)
  for (const dialect of SMB2_DIALECTS) writer.u16le(dialect)
  writer.zeros(padding).bytes(contexts.finish())
  return smb2Message({ command: SMB2_COMMAND.negotiate, messageId: 0, body: writer.finish() })
}

export interface Smb2Negotiated {
  readonly dialect: number
  readonly signingRequired: boolean
  readonly guid: string
  /** Windows ticks; 0 when the server does not tell. */
  readonly time: bigint
}

export function parseSmb2Negotiated({ command, bytes }: Smb2Message): Smb2Negotiated | null {
  return orNull(() => {
    const reader = new Reader(bytes, HEADER)
    if (command !== SMB2_COMMAND.negotiate || reader.u16le() !== 65) return null
    const security = reader.u16le()
    const dialect = reader.u16le()
    reader.skip(2)
    const guid = Buffer.from(reader.take(16)).toString('hex')
    reader.skip(16)
    return { dialect, signingRequired: (security & 2) !== 0, guid, time: reader.u64le() }
  })
}

export function smb2SessionSetup(messageId: number, sessionId: bigint, token: Uint8Array): Uint8Array {
  const writer = new Writer().u16le(25).u8(0).u8(1).u32le(1).u32le(0)
  const body = writer
    .u16le(HEADER + 24)
    .u16le(token.length)
    .u64le(0n)
    .bytes(token)
    .finish()
  return smb2Message({ command: SMB2_COMMAND.sessionSetup, messageId, sessionId, body })
}
