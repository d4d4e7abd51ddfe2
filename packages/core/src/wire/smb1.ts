/**
 * SMB 1 ([MS-CIFS], [MS-SMB]) as far as its greeting goes, inside the NetBIOS session header:
 *
 *   message = 0xff "SMB" command(1) status(4) flags(1) flags2(2) zeros(12) tree(2) process(2) user(2) id(2)
 *             words(1) parameters byte-count(2) data                                            little-endian
 *   negotiate (0x72)     data: (2 dialect NUL)*        => dialect index, security mode, ..., capabilities, clock
 *   session setup (0x73) => security blob, then native OS, native LAN manager and domain as text
 */
import { latin1, orNull, Reader } from './reader.ts'
import { Writer } from './writer.ts'

const SIGNATURE = 0x424d53ff
const [NEGOTIATE, SESSION_SETUP] = [0x72, 0x73]
/** Long names, extended security, NT status codes, Unicode. */
const FLAGS2 = 0xc801
const UNICODE = 0x8000
const EXTENDED_SECURITY = 0x80000000

function smb1Message(command: number, body: Uint8Array): Uint8Array {
  const writer = new Writer()
    .u8(0)
    .u24(32 + body.length)
    .u32le(SIGNATURE)
    .u8(command)
    .u32le(0)
    .u8(0x18)
    .u16le(FLAGS2)
  return writer.zeros(12).u16le(0xffff).u16le(0xfeff).u16le(0).u16le(1).bytes(body).finish()
}

export function smb1Negotiate(): Uint8Array {
  const dialect = '\x02NT LM 0.12\0'
  return smb1Message(NEGOTIATE, new Writer().u8(0).u16le(dialect.length).latin1(dialect).finish())
}

export function smb1SessionSetup(token: Uint8Array): Uint8Array {
  const writer = new Writer()
    .u8(12)
    .u8(0xff)
    .zeros(3)
    .u16le(4356)
    .u16le(10)
    .u16le(1)
    .u32le(0)
    .u16le(token.length)
    .u32le(0)
  // Two empty Unicode strings after the blob, aligned to two bytes from the start of the message.
  const padding = token.length % 2 === 0 ? 1 : 0
  writer
    .u32le(0x80000054)
    .u16le(token.length + padding + 4)
    .bytes(token)
    .zeros(padding + 4)
  return smb1Message(SESSION_SETUP, writer.finish())
}

export interface Smb1Message {
  readonly command: number
  readonly status: number
  readonly unicode: boolean
  readonly parameters: Uint8Array
  readonly data: Uint8Array
  /** Where `data` begins in the message: text in it is aligned from there. */
  readonly dataAt: number
}

export function parseSmb1(bytes: Uint8Array): Smb1Message | null {
  return orNull(() => {
    const outer = new Reader(bytes)
    if (outer.u8() !== 0) return null
    const reader = new Reader(outer.take(outer.u24()))
    if (reader.u32le() !== SIGNATURE) return null
    const command = reader.u8()
    const status = reader.u32le()
    const flags = reader.u8()
    const unicode = (reader.u16le() & UNICODE) !== 0
    reader.skip(20)
    const parameters = reader.take(reader.u8() * 2)
    const data = reader.take(reader.u16le())
    return flags & 0x80 ? { command, status, unicode, parameters, data, dataAt: reader.position - data.length } : null
  })
}

export interface Smb1Negotiated {
  readonly signingRequired: boolean
  readonly extendedSecurity: boolean
  readonly domain: string | null
  readonly server: string | null
}

export function parseSmb1Negotiated(message: Smb1Message): Smb1Negotiated | null {
  if (message.command !== NEGOTIATE || message.parameters.length < 2) return null
  return orNull(() => {
    const reader = new Reader(message.parameters)
    if (reader.u16le() === 0xffff) return null
    if (message.parameters.length < 34)
      return { signingRequired: false, extendedSecurity: false, domain: null, server: null }
    const security = reader.u8()
    reader.skip(16)
    const extendedSecurity = reader.u32le() >= EXTENDED_SECURITY
    // Without extended security eight bytes of challenge and the two names follow.
    const names = extendedSecurity ? '' : Buffer.from(message.data.subarray(8)).toString('utf16le')
    const [domain, server] = names.split('\0', 2)
    return { signingRequired: (security & 8) !== 0, extendedSecurity, domain: domain || null, server: server || null }
  })
}

/** Native OS and native LAN manager of a session setup answer. */
export function parseSmb1Natives(message: Smb1Message): { readonly os: string; readonly lanManager: string } | null {
  if (message.command !== SESSION_SETUP || message.parameters.length < 6) return null
  return orNull(() => {
    const blob = message.parameters.length >= 8 ? new Reader(message.parameters, 6).u16le() : 0
    const start = message.unicode && (message.dataAt + blob) % 2 === 1 ? blob + 1 : blob
    const rest = message.data.subarray(Math.min(start, message.data.length))
    const text = message.unicode ? Buffer.from(rest).toString('utf16le') : latin1(rest)
    const [os = '', lanManager = ''] = text.split('\0', 3)
    return os || lanManager ? { os, lanManager } : null
  })
}
