/**
 * PPTP control connection (RFC 2637 section 2):
 *
 *   message = length(2) 1(2) 0x1a2b3c4d(4) type(2) zeros(2) body
 *   start   = version(2) result(1) error(1) framing(4) bearer(4) channels(2) firmware(2) host(64) vendor(64)
 *   start request (1) => start reply (2)
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [MAGIC, LENGTH] = [0x1a2b3c4d, 156]
const [REQUEST, REPLY] = [1, 2]
const NAME = 64

type Known = readonly [
  vendor: RegExp,
  product: string,
  maker: string,
  cpe: readonly ['a' | 'o', string, string] | null,
  os: string | null,
]
const PRODUCTS: readonly Known[] = [
  [/^linux$/i, 'PoPToP', 'PoPToP', ['a', 'poptop', 'pptp_server'], 'Linux'],
  [/^mikrotik/i, 'MikroTik PPTP', 'MikroTik', ['o', 'mikrotik', 'routeros'], 'RouterOS'],
  [/^microsoft/i, 'Microsoft Windows PPTP', 'Microsoft', null, 'Windows'],
  [/^cisco/i, 'Cisco PPTP', 'Cisco', ['o', 'cisco', 'ios'], 'IOS'],
  [/^fortinet/i, 'Fortinet PPTP', 'Fortinet', ['o', 'fortinet', 'fortios'], 'FortiOS'],
  [/^draytek/i, 'DrayTek Vigor', 'DrayTek', null, null],
  [/^accel-ppp/i, 'accel-ppp', 'accel-ppp', null, 'Linux'],
]

export const pptp: Protocol = { name: 'pptp', transport: 'tcp', ports: [1723], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const reply = parsePptp(bytes)
  if (!reply) return null
  const [, product = reply.vendor || null, vendor = null, id = null, os = null] =
    PRODUCTS.find(([text]) => text.test(reply.vendor)) ?? []
  return service('pptp', {
    product,
    vendor,
    os,
    hostname: reply.host || null,
    cpe: id ? [cpe(...id)] : [],
    info: `firmware ${reply.firmware}`,
    facts: { vendorName: reply.vendor, firmware: reply.firmware, result: reply.result },
  })
}

async function identify(session: Session): Promise<Service | null> {
  const writer = new Writer().u16(LENGTH).u16(1).u32(MAGIC).u16(REQUEST).u16(0).u16(0x0100).u16(0)
  await session.write(
    writer
      .u32(3)
      .u32(3)
      .u16(0)
      .u16(0)
      .zeros(2 * NAME)
      .finish(),
  )
  return recognise(await session.readUntil((soFar) => soFar.length >= LENGTH))
}

export interface PptpReply {
  readonly result: number
  readonly firmware: number
  readonly host: string
  readonly vendor: string
}

export function parsePptp(bytes: Uint8Array): PptpReply | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u16() !== LENGTH || reader.u16() !== 1 || reader.u32() !== MAGIC || reader.u16() !== REPLY) return null
    reader.skip(4)
    const result = reader.u8()
    reader.skip(11)
    const firmware = reader.u16()
    const name = () => clean(reader.latin1(NAME).split('\0', 1)[0]!)
    return { result, firmware, host: name(), vendor: name() }
  })
}
