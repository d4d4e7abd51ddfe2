/**
 * The comment of the IPC$ share, which Samba fills with its own version unless told otherwise, read the way a browser
 * does: anonymous session, IPC$, the pipe `srvsvc`, NetrShareEnum ([MS-SRVS] section 3.1.4.8).
 */
import { dceBind, dceRequest, dceStub, parseDce } from '#core/wire/dcerpc.ts'
import { ntlmAnonymous } from '#core/wire/ntlm.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { parseSmb2, SMB2_COMMAND, type Smb2Message, smb2Message, smb2SessionSetup } from '#core/wire/smb2.ts'
import { spnegoNext } from '#core/wire/spnego.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from './ask.ts'
import type { Session } from './protocol.ts'

const SRVSVC = { uuid: '4b324fc8-1670-01d3-1278-5a47bf6ee188', major: 3, minor: 0 }
const SHARE_ENUM = 15
const FSCTL_PIPE_TRANSCEIVE = 0x0011c017
const HEADER = 64
const utf16 = (text: string) => Buffer.from(text, 'utf16le')

/** All texts in the share list (names and comments), empty when anonymous callers get none. */
export async function smbShareTexts(session: Session, sessionId: bigint): Promise<readonly string[]> {
  const send = async (message: Uint8Array): Promise<Smb2Message | null> => {
    await session.write(message)
    const answer = await understood(session, parseSmb2)
    return answer?.status === 0 ? answer : null
  }
  if (!(await send(smb2SessionSetup(2, sessionId, spnegoNext(ntlmAnonymous()))))) return []
  const tree = await send(treeConnect(3, sessionId, `\\\\${session.hostname ?? session.address}\\IPC$`))
  if (!tree) return []
  const pipe = { sessionId, treeId: tree.treeId }
  const created = await send(
    smb2Message({ command: SMB2_COMMAND.create, messageId: 4, ...pipe, body: createPipe('srvsvc') }),
  )
  const file = created && orNull(() => new Reader(created.bytes, HEADER + 64).take(16))
  if (!file) return []
  const transceive = (messageId: number, data: Uint8Array) =>
    send(smb2Message({ command: SMB2_COMMAND.ioctl, messageId, ...pipe, body: ioctl(file, data) }))
  if (!(await transceive(5, dceBind(1, SRVSVC)))) return []
  const list = await transceive(6, dceRequest(2, SHARE_ENUM, shareEnum(session.address)))
  return list ? ndrStrings(ioctlOutput(list)) : []
}

function treeConnect(messageId: number, sessionId: bigint, path: string): Uint8Array {
  const name = utf16(path)
  const body = new Writer()
    .u16le(9)
    .u16le(0)
    .u16le(HEADER + 8)
    .u16le(name.length)
    .bytes(name)
    .finish()
  return smb2Message({ command: SMB2_COMMAND.treeConnect, messageId, sessionId, body })
}

/** Opens for reading and writing, shared with everybody ([MS-SMB2] section 2.2.13). */
function createPipe(name: string): Uint8Array {
  const text = utf16(name)
  const writer = new Writer()
    .u16le(57)
    .u8(0)
    .u8(0)
    .u32le(2)
    .zeros(16)
    .u32le(0x0012019f)
    .u32le(0)
    .u32le(7)
    .u32le(1)
    .u32le(0)
  return writer
    .u16le(HEADER + 56)
    .u16le(text.length)
    .u32le(0)
    .u32le(0)
    .bytes(text)
    .finish()
}

function ioctl(file: Uint8Array, data: Uint8Array): Uint8Array {
  const writer = new Writer().u16le(57).u16le(0).u32le(FSCTL_PIPE_TRANSCEIVE).bytes(file)
  writer
    .u32le(HEADER + 56)
    .u32le(data.length)
    .u32le(0)
    .u32le(0)
    .u32le(0)
    .u32le(4280)
    .u32le(1)
    .u32le(0)
  return writer.bytes(data).finish()
}

function ioctlOutput({ bytes }: Smb2Message): Uint8Array {
  const output = orNull(() => {
    const reader = new Reader(bytes, HEADER + 32)
    const [offset, length] = [reader.u32le(), reader.u32le()]
    return new Reader(bytes, Math.min(offset, bytes.length)).take(length)
  })
  const response = output && parseDce(output)
  return response?.kind === 'response' ? dceStub(response) : new Uint8Array()
}

/** NetrShareEnum: server name, level 1, an empty container, no limit, no resume handle. */
function shareEnum(server: string): Uint8Array {
  const name = utf16(`\\\\${server}\0`)
  const length = name.length / 2
  const writer = new Writer()
    .u32le(0x20000)
    .u32le(length)
    .u32le(0)
    .u32le(length)
    .bytes(name)
    .zeros((4 - (name.length % 4)) % 4)
  return writer.u32le(1).u32le(1).u32le(0x20004).u32le(0).u32le(0).u32le(0xffffffff).u32le(0).finish()
}

/** Conformant varying strings (C706 section 14.3.4.2): maximum(4) offset(4)=0 actual(4)=maximum text, NUL at the end. */
export function ndrStrings(stub: Uint8Array): readonly string[] {
  const strings: string[] = []
  for (let at = 0; at + 12 <= stub.length && strings.length < 64; at += 4) {
    const reader = new Reader(stub, at)
    const [maximum, offset, actual] = [reader.u32le(), reader.u32le(), reader.u32le()]
    if (offset !== 0 || actual === 0 || maximum !== actual || actual > 512 || reader.remaining < actual * 2) continue
    const text = Buffer.from(reader.take(actual * 2)).toString('utf16le')
    if (text.indexOf('\0') === actual - 1) strings.push(text.slice(0, -1))
  }
  return strings
}
