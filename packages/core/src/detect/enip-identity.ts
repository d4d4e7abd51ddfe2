/**
 * EtherNet/IP ListIdentity (ODVA, CIP volume 2, section 2-4.2), over TCP and UDP alike, little-endian:
 *
 *   packet   = command(2)=0x63 length(2) session(4) status(4) context(8) options(4) data
 *   data     = count(2) (type(2)=0x0c length(2) identity)*
 *   identity = protocol(2) socket(16) vendor(2) device(2) product(2) major(1) minor(1) status(2) serial(4) name(length 1, text) state(1)
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import type { Service } from './protocol.ts'
import { service } from './service.ts'
import { clean } from './text.ts'

const [LIST_IDENTITY, IDENTITY_ITEM] = [0x63, 0x0c]
const CONTEXT_AT = 12

/** Vendor ids (ODVA's list) and device types (CIP volume 1, section 6) seen most. */
const VENDORS: Readonly<Record<number, string>> = {
  1: 'Rockwell Automation',
  2: 'Namco Controls',
  5: 'Rockwell Automation',
  40: 'WAGO',
  44: 'Parker Hannifin',
  47: 'Omron',
  90: 'HMS Industrial Networks',
  145: 'Siemens',
  243: 'Schneider Electric',
  283: 'Hilscher',
  678: 'Cognex',
  808: 'SICK',
  890: 'Beckhoff',
  1251: 'Siemens',
}
const TYPES: Readonly<Record<number, string>> = {
  2: 'AC drive',
  7: 'digital I/O',
  12: 'communications adapter',
  14: 'programmable logic controller',
  24: 'human-machine interface',
  43: 'generic device',
  44: 'managed Ethernet switch',
}

export interface EnipIdentity {
  /** What was sent as context, first four bytes. */
  readonly context: number
  readonly vendor: number
  readonly device: number
  readonly revision: string
  readonly serial: string
  readonly name: string
}

export function parseEnip(bytes: Uint8Array): EnipIdentity | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u16le() !== LIST_IDENTITY) return null
    const length = reader.u16le()
    reader.skip(4)
    if (reader.u32le() !== 0) return null
    const context = new Reader(bytes, CONTEXT_AT).u32()
    reader.skip(12)
    const data = new Reader(reader.take(length))
    if (data.u16le() === 0 || data.u16le() !== IDENTITY_ITEM) return null
    const item = new Reader(data.take(data.u16le()))
    item.skip(18)
    const [vendor, device] = [item.u16le(), item.u16le()]
    item.skip(2)
    const revision = `${item.u8()}.${String(item.u8()).padStart(3, '0')}`
    item.skip(2)
    const serial = item.u32le().toString(16).padStart(8, '0')
    return { context, vendor, device, revision, serial, name: clean(latin1(item.take(item.u8()))) }
  })
}

export function enipService(identity: EnipIdentity): Service {
  const vendor = VENDORS[identity.vendor] ?? null
  return service('EtherNetIP-2', {
    product: identity.name || null,
    vendor,
    version: identity.revision,
    device: 'industrial',
    info: TYPES[identity.device] ?? null,
    facts: { vendorId: identity.vendor, deviceType: identity.device, serial: identity.serial },
  })
}
