/**
 * iSCSI (RFC 7143 section 11.12 and 11.10): a login for discovery, then the list of targets.
 *
 *   pdu            = header(48) [data padding to four]       bytes 5..7: length of the data
 *   login request  = 0x43 0x87 version(1) minimum(1) 0(1) length(3) isid(6) tsih(2) task(4) cid(2) ... "key=value" NUL *
 *   login response = 0x23 flags maximum active 0 length(3) isid(6) tsih(2) task(4) ... status-class(1) detail(1)
 *   text request   = 0x04, "SendTargets=All" => 0x24, ("TargetName=" name NUL "TargetAddress=" address NUL)*
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt, understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [LOGIN, TEXT, LOGIN_RESPONSE, TEXT_RESPONSE] = [0x43, 0x04, 0x23, 0x24]
/** Transit from operational negotiation (1) to full feature phase (3). */
const TRANSIT = 0x87
const HEADER = 48
const DATA_CAP = 65_536
const TARGETS_CAP = 32

/** Naming authorities in target names (iqn.yyyy-mm.authority) that come from the software itself. */
const AUTHORITIES: readonly (readonly [name: RegExp, product: string])[] = [
  [/linux-iscsi/, 'Linux-IO target'],
  [/com\.synology/, 'Synology iSCSI target'],
  [/com\.qnap/, 'QNAP iSCSI target'],
  [/org\.freenas|org\.truenas/, 'FreeNAS iSCSI target'],
  [/com\.netapp/, 'NetApp iSCSI target'],
  [/com\.emc/, 'EMC iSCSI target'],
  [/com\.microsoft/, 'Microsoft iSCSI target'],
  [/com\.equallogic/, 'EqualLogic iSCSI target'],
]

export const iscsi: Protocol = {
  name: 'iscsi',
  transport: 'tcp',
  ports: [3260, 860],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const pdu = parseIscsi(bytes)
  return pdu?.opcode === LOGIN_RESPONSE ? describe(pdu, null) : null
}

async function identify(session: Session): Promise<Service | null> {
  const keys = [
    'InitiatorName=iqn.2026-01.test.portolan:probe',
    'SessionType=Discovery',
    'AuthMethod=None',
    'HeaderDigest=None',
    'DataDigest=None',
  ]
  await session.write(request(LOGIN, TRANSIT, session.token, keys))
  const login = await understood(session, parseIscsi)
  if (login?.opcode !== LOGIN_RESPONSE || login.task !== session.token) return null
  if (login.status !== 0) return describe(login, null)
  const list = await attempt(async () => {
    await session.write(request(TEXT, 0x80, session.token, ['SendTargets=All']))
    return understood(session, parseIscsi)
  })
  return describe(login, list?.opcode === TEXT_RESPONSE ? list : null)
}

function request(opcode: number, flags: number, task: number, keys: readonly string[]): Uint8Array {
  const data = Buffer.from(keys.map((key) => `${key}\0`).join(''))
  const writer = new Writer().u8(opcode).u8(flags).zeros(2).u32(data.length)
  // Login: an initiator's random session id (type 2) and no session yet. Text: both fields are a LUN, zero.
  writer.bytes(opcode === LOGIN ? [0x80, 0, 0, 1, 0, 0, 0, 0] : new Uint8Array(8)).u32(task)
  writer
    .u32(opcode === LOGIN ? 0 : 0xffffffff)
    .u32(1)
    .u32(1)
    .zeros(HEADER - writer.length)
  return writer
    .bytes(data)
    .zeros((4 - (data.length % 4)) % 4)
    .finish()
}

function describe(login: IscsiPdu, list: IscsiPdu | null): Service {
  const targets = [...(list?.text ?? '').matchAll(/TargetName=([^\0]{1,223})\0/g)]
    .slice(0, TARGETS_CAP)
    .map(([, name = '']) => clean(name))
  const product = AUTHORITIES.find(([name]) => targets.some((target) => name.test(target)))?.[1] ?? null
  const alias = /TargetAlias=([^\0]{1,100})/.exec(login.text)?.[1]
  return service('iscsi', {
    product,
    info: login.status === 0 ? null : `login refused, status ${login.status.toString(16).padStart(4, '0')}`,
    facts: { targets, ...(alias ? { alias: clean(alias) } : {}) },
  })
}

export interface IscsiPdu {
  readonly opcode: number
  readonly task: number
  /** Class and detail (login response only). */
  readonly status: number
  readonly text: string
}

export function parseIscsi(bytes: Uint8Array): IscsiPdu | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const opcode = reader.u8()
    reader.skip(3)
    const ahs = reader.u8()
    const length = reader.u24()
    if ((opcode !== LOGIN_RESPONSE && opcode !== TEXT_RESPONSE) || ahs !== 0) return null
    reader.seek(16)
    const task = reader.u32()
    reader.seek(36)
    const status = opcode === LOGIN_RESPONSE ? reader.u16() : 0
    reader.seek(HEADER)
    // Versions, reserved bytes and status classes leave little room for chance.
    if (opcode === LOGIN_RESPONSE && (bytes[2]! > 0 || bytes[3]! > 0 || status >> 8 > 3)) return null
    const text = latin1(reader.take(length, DATA_CAP))
    return text === '' || /^[\x20-\x7e]+=/.test(text) ? { opcode, task, status, text } : null
  })
}
