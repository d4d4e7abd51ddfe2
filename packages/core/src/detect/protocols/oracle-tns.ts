/**
 * Oracle Transparent Network Substrate (no published specification; the header as Oracle's own clients write it):
 *
 *   packet  = length(2) checksum(2) type(1) reserved(1) header-checksum(2) body
 *   connect (1) => accept (2), refuse (4), redirect (5), data (6), resend (11)
 *   refuse  = user-reason(1) system-reason(1) length(2) "(DESCRIPTION=(TMP=)(VSNNUM=" number ")(ERR=" code ")...)"
 *
 * `COMMAND=version` needs no service name. VSNNUM packs the version: eight bits of major, then 4, 8, 4 and 8.
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { cleanOrNull } from '../text.ts'

const [CONNECT, ACCEPT, REFUSE, REDIRECT, DATA, RESEND] = [1, 2, 4, 5, 6, 11]
const COMMAND = '(CONNECT_DATA=(COMMAND=version))'
const HEADER = 8
/** Where the connect data begins. */
const DATA_OFFSET = 58

export const oracleTns: Protocol = {
  name: 'oracle-tns',
  transport: 'tcp',
  ports: [1521, 1526],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const packet = parseTns(bytes)
  if (!packet) return null
  const text = latin1(bytes.subarray(HEADER, 4096))
  const packed = /\(VSNNUM=(\d{1,10})\)/.exec(text)?.[1]
  const banner = /TNSLSNR for ([^:]{1,60}): Version (\d[\d.]{3,20})/.exec(text)
  // Types 2, 4, 5 and 6 are small numbers; the text, or an accept of known shape, is the proof.
  if (packed === undefined && !banner && !isAccept(packet.type, packet.body) && !/\(DESCRIPTION=|\(ERR=\d/.test(text))
    return null
  const version = banner?.[2] ?? (packed === undefined ? null : unpack(Number(packed)))
  const error = /\(ERR=(\d{1,6})\)/.exec(text)?.[1]
  return service('oracle-tns', {
    product: 'Oracle TNS listener',
    vendor: 'Oracle',
    version,
    os: cleanOrNull(banner?.[1]),
    cpe: [cpe('a', 'oracle', 'database_server', version)],
    facts: error && error !== '0' ? { error: Number(error) } : {},
  })
}

async function identify(session: Session): Promise<Service | null> {
  const request = connect()
  await session.write(request)
  const first = await session.readUntil((soFar) => parseTns(soFar) !== null)
  if (parseTns(first)?.type !== RESEND) return recognise(await rest(session, first))
  await session.write(request)
  const second = await session.readUntil((soFar) => parseTns(soFar) !== null)
  return recognise(await rest(session, second))
}

/** After an accept the version comes as data of its own. */
async function rest(session: Session, first: Uint8Array): Promise<Uint8Array> {
  if (parseTns(first)?.type !== ACCEPT || latin1(first).includes('TNSLSNR')) return first
  const more = await session.readUntil((soFar) => latin1(soFar).includes('TNSLSNR'))
  return Buffer.concat([first, more])
}

function connect(): Uint8Array {
  const writer = new Writer()
    .u16(DATA_OFFSET + COMMAND.length)
    .u16(0)
    .u8(CONNECT)
    .u8(0)
    .u16(0)
  // Version 310, compatible down to 300; sizes of session and transport data; our byte order; then the data's place.
  writer.u16(310).u16(300).u16(0).u16(2048).u16(32_767).u16(0x8608).u16(0).u16(1)
  writer.u16(COMMAND.length).u16(DATA_OFFSET).u32(0).u8(1).u8(1)
  return writer
    .zeros(DATA_OFFSET - writer.length)
    .latin1(COMMAND)
    .finish()
}

function parseTns(bytes: Uint8Array): { readonly type: number; readonly body: Uint8Array } | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const length = reader.u16()
    const checksum = reader.u16()
    const type = reader.u8()
    reader.skip(1)
    if (checksum !== 0 || reader.u16() !== 0 || ![ACCEPT, REFUSE, REDIRECT, DATA, RESEND].includes(type)) return null
    return { type, body: reader.take(length - HEADER, 8192) }
  })
}

/** version(2) options(2) session-size(2) transport-size(2) one(2) */
function isAccept(type: number, body: Uint8Array): boolean {
  if (type !== ACCEPT || body.length < 16) return false
  const reader = new Reader(body)
  const version = reader.u16()
  reader.skip(6)
  return version >= 300 && version < 330 && reader.u16() === 0x0100
}

/** 186647552 = 0x0b200200 -> 11.2.0.2.0; since 18 the second field has eight bits and the third four. */
function unpack(packed: number): string {
  const at = (shift: number, mask: number) => (packed >>> shift) & mask
  const fields =
    at(24, 255) >= 18
      ? [at(16, 255), at(12, 15), at(4, 255), at(0, 15)]
      : [at(20, 15), at(12, 255), at(8, 15), at(0, 255)]
  return [at(24, 255), ...fields].join('.')
}
