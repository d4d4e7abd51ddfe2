/**
 * Tabular Data Stream, Microsoft SQL Server ([MS-TDS] section 2.2.6.5, PRELOGIN):
 *
 *   packet   = type(1) status(1) length(2) spid(2) id(1) window(1) data        0x12 asks, 4 answers
 *   prelogin = (option(1) offset(2) length(2))* 0xff values                    offsets count from the start of the data
 *   VERSION (0) = major(1) minor(1) build(2) sub-build(2); ENCRYPTION (1) = 0 off, 1 on, 2 not supported, 3 required
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { sqlServerRelease } from '../sql-server.ts'

const [PRELOGIN, RESPONSE, END_OF_MESSAGE] = [0x12, 4, 1]
const [VERSION, ENCRYPTION, INSTANCE, THREAD, END] = [0, 1, 2, 3, 0xff]
const OPTIONS_CAP = 16
const NOT_SUPPORTED = 2
const ENCRYPTIONS = ['off', 'on', 'not supported', 'required']

export const mssql: Protocol = { name: 'mssql', transport: 'tcp', ports: [1433], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const prelogin = parsePrelogin(bytes)
  if (!prelogin) return null
  const { release, vendor, product } = sqlServerRelease(prelogin.major, prelogin.minor)
  const facts = { encryption: ENCRYPTIONS[prelogin.encryption] ?? String(prelogin.encryption) }
  const id = cpe('a', 'microsoft', 'sql_server', release)
  return service('ms-sql-s', {
    product,
    vendor,
    version: prelogin.version,
    os: null,
    info: `encryption ${facts.encryption}`,
    cpe: [id],
    facts,
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(preloginRequest(session.token, NOT_SUPPORTED))
  return recognise(await session.readUntil((soFar) => parsePrelogin(soFar) !== null))
}

/** `encryption` is what we say of ours: 1 on, 2 not supported. */
export function preloginRequest(token: number, encryption: number): Uint8Array {
  const options = [
    [VERSION, Uint8Array.of(9, 0, 0, 0, 0, 0)],
    [ENCRYPTION, Uint8Array.of(encryption)],
    [INSTANCE, Uint8Array.of(0)],
    [THREAD, new Writer().u32(token).finish()],
  ] as const
  const table = new Writer()
  const values = new Writer()
  for (const [option, value] of options) {
    table
      .u8(option)
      .u16(options.length * 5 + 1 + values.length)
      .u16(value.length)
    values.bytes(value)
  }
  return tdsPacket(table.u8(END).bytes(values.finish()).finish())
}

/** A whole message of the kind that asks before the login. */
export function tdsPacket(data: Uint8Array): Uint8Array {
  return new Writer()
    .u8(PRELOGIN)
    .u8(END_OF_MESSAGE)
    .u16(8 + data.length)
    .u32(0)
    .bytes(data)
    .finish()
}

export interface Prelogin {
  readonly major: number
  readonly minor: number
  readonly version: string
  readonly encryption: number
}

export function parsePrelogin(bytes: Uint8Array): Prelogin | null {
  return orNull(() => {
    const packet = new Reader(bytes)
    if (packet.u8() !== RESPONSE || packet.u8() !== END_OF_MESSAGE) return null
    const length = packet.u16()
    packet.skip(4)
    const data = packet.take(length - 8, 4096)
    const reader = new Reader(data)
    const values = new Map<number, Uint8Array>()
    for (let option = reader.u8(); option !== END && values.size < OPTIONS_CAP; option = reader.u8()) {
      const value = new Reader(data, Math.min(reader.u16(), data.length))
      values.set(option, value.take(reader.u16()))
    }
    const version = values.get(VERSION)
    const encryption = values.get(ENCRYPTION)?.[0]
    if (version?.length !== 6 || encryption === undefined) return null
    const told = new Reader(version)
    const [major, minor, build] = [told.u8(), told.u8(), told.u16()]
    const pad = (number: number, width: number) => String(number).padStart(width, '0')
    return { major, minor, version: `${major}.${pad(minor, 2)}.${pad(build, 4)}`, encryption }
  })
}
