/**
 * Siemens S7 communication over ISO transport (grammar of the transport in wire/tpkt.ts; of S7 as in Siemens' "System
 * Software for S7-300/400", SZL chapter, and the open Snap7 documentation):
 *
 *   message = 0x32 kind(1) 0(2) reference(2) parameter-length(2) data-length(2) [error(2)] parameters data
 *   setup (0xf0) => the same, kind 3; read system status list (kind 7) => data with records
 *   list 0x0011: order number(20) type(2) version(2) ...      list 0x001c: index(2) text(32)
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { connectionRequest, dataPacket, parseTpkt, X224 } from '#core/wire/tpkt.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const S7 = 0x32
const [JOB, ACK_DATA, USER_DATA] = [1, 3, 7]
const [MODULE_ID, COMPONENT_ID] = [0x0011, 0x001c]
/** TPDU size 1024; our and their access points: programming device to rack 0, slot 2 (S7-300) or 1 (S7-1200 and on). */
const PARAMETERS = (slot: number) => Uint8Array.of(0xc0, 1, 0x0a, 0xc1, 2, 1, 0, 0xc2, 2, 1, slot)
const SETUP = Uint8Array.of(0xf0, 0, 0, 1, 0, 1, 1, 0xe0)
const [RECORDS_CAP, SLOTS] = [32, [2, 1, 0]]

export const s7comm: Protocol = {
  name: 's7comm',
  transport: 'tcp',
  ports: [102],
  opens: 'client',
  insideTls: 'never',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const message = parseS7(bytes)
  return message?.kind === ACK_DATA ? describe([], []) : null
}

async function identify(session: Session): Promise<Service | null> {
  const send = async (packet: Uint8Array) => {
    await session.write(packet)
    return session.readUntil((soFar) => parseTpkt(soFar) !== null)
  }
  for (const slot of SLOTS) {
    if (slot !== SLOTS[0]) await session.reopen()
    const confirm = parseTpkt(await send(connectionRequest(PARAMETERS(slot))))
    if (confirm === null) return null
    if (confirm.code !== X224.confirm) continue
    const setup = parseS7(
      (await attempt(() => send(dataPacket(s7Message(JOB, session.token, SETUP, new Uint8Array()))))) ??
        new Uint8Array(),
    )
    if (setup?.kind !== ACK_DATA) continue
    const list = (id: number) => attempt(async () => parseList(await send(dataPacket(readList(id, session.token)))))
    return describe((await list(MODULE_ID)) ?? [], (await list(COMPONENT_ID)) ?? [])
  }
  return null
}

function s7Message(kind: number, token: number, parameters: Uint8Array, data: Uint8Array): Uint8Array {
  const writer = new Writer()
    .u8(S7)
    .u8(kind)
    .u16(0)
    .u16(token & 0xffff)
  return writer.u16(parameters.length).u16(data.length).bytes(parameters).bytes(data).finish()
}

/** Parameters of user data: head, length, request (0x11), group of CPU functions, read list, sequence 0. */
function readList(id: number, token: number): Uint8Array {
  const data = new Writer().u8(0xff).u8(9).u16(4).u16(id).u16(0).finish()
  return s7Message(USER_DATA, token, Uint8Array.of(0, 1, 0x12, 4, 0x11, 0x44, 1, 0), data)
}

interface S7Message {
  readonly kind: number
  readonly data: Uint8Array
}

export function parseS7(bytes: Uint8Array): S7Message | null {
  const packet = parseTpkt(bytes)
  if (packet?.code !== X224.data) return null
  return orNull(() => {
    const reader = new Reader(packet.body)
    if (reader.u8() !== S7) return null
    const kind = reader.u8()
    if ((kind !== ACK_DATA && kind !== USER_DATA) || reader.u16() !== 0) return null
    reader.skip(2)
    const [parameters, data] = [reader.u16(), reader.u16()]
    if (kind === ACK_DATA) reader.skip(2)
    reader.skip(parameters)
    return { kind, data: reader.take(data) }
  })
}

/** return-code(1) transport(1) length(2) list(2) index(2) record-length(2) count(2) records */
function parseList(bytes: Uint8Array): readonly (readonly [index: number, record: Uint8Array])[] | null {
  const message = parseS7(bytes)
  if (message?.kind !== USER_DATA) return null
  return orNull(() => {
    const reader = new Reader(message.data)
    if (reader.u8() !== 0xff) return null
    reader.skip(7)
    const length = reader.u16()
    const count = Math.min(reader.u16(), RECORDS_CAP)
    return Array.from({ length: count }, () => {
      const record = reader.take(length)
      return [new Reader(record).u16(), record.subarray(2)] as const
    })
  })
}

type Records = readonly (readonly [index: number, record: Uint8Array])[]

function describe(modules: Records, components: Records): Service {
  const text = (records: Records, index: number) => {
    const record = records.find(([found]) => found === index)?.[1]
    return record ? clean(latin1(record).split('\0', 1)[0]!) || null : null
  }
  // Index 1 is the module; 7 its firmware, whose version is a letter and three bytes.
  const module = modules.find(([index]) => index === 1)?.[1]
  const firmware = modules.find(([index]) => index === 7)?.[1]
  const order = module ? clean(latin1(module.subarray(0, 20))) : null
  const version = firmware && firmware[22] === 0x56 ? [...firmware.subarray(23, 26)].join('.') : null
  const named = {
    system: text(components, 1),
    module: text(components, 2),
    plant: text(components, 3),
    serial: text(components, 5),
    type: text(components, 7),
  }
  const facts = Object.fromEntries(Object.entries({ order, ...named }).filter(([, value]) => value))
  const family = /^6ES7 [1-4]/.test(order ?? '') ? 'Siemens SIMATIC S7' : null
  return service('s7comm', {
    product: named.type ? `Siemens ${named.type}` : family,
    vendor: family ? 'Siemens' : null,
    version,
    device: 'industrial',
    info: order,
    cpe: family ? [cpe('h', 'siemens', 'simatic_s7')] : [],
    facts,
  })
}
