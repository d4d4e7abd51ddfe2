/**
 * DNP3 data link (IEEE 1815, clause 9):
 *
 *   frame = 0x0564(2) length(1) control(1) destination(2) source(2) crc(2)      little-endian but for the start
 *   request link status (0xc9) => link status (0x0b), not supported (0x0f), or confirmation (0x00, 0x01)
 *
 * The checksum of every eight bytes has the polynomial 0x3d65. An outstation answers to its own address alone, so the
 * usual ones are tried, all at once.
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const [START, HEADER] = [0x0564, 5]
const REQUEST_LINK_STATUS = 0xc9
const FUNCTIONS: Readonly<Record<number, string>> = {
  0: 'acknowledged',
  1: 'refused',
  11: 'link status',
  15: 'not supported',
}
const MASTER = 1
const ADDRESSES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 100, 1024]
/** From the outstation (no direction bit), not primary: the two top bits. */
const [FROM_MASTER, PRIMARY] = [0x80, 0x40]

export const dnp3: Protocol = {
  name: 'dnp3',
  transport: 'tcp',
  ports: [20000, 19999],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const frame = parseDnp3(bytes)
  if (!frame) return null
  const facts = { address: frame.source, answer: FUNCTIONS[frame.control & 15] ?? 'data' }
  return service('dnp', { device: 'industrial', info: `DNP3 address ${frame.source}`, facts })
}

async function identify(session: Session): Promise<Service | null> {
  const writer = new Writer()
  for (const address of ADDRESSES) {
    const head = new Writer().u16(START).u8(HEADER).u8(REQUEST_LINK_STATUS).u16le(address).u16le(MASTER).finish()
    writer.bytes(head).u16le(dnp3Crc(head))
  }
  await session.write(writer.finish())
  return recognise(await session.readUntil((soFar) => soFar.length >= 10))
}

export function parseDnp3(bytes: Uint8Array): { readonly control: number; readonly source: number } | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u16() !== START || reader.u8() < HEADER) return null
    const control = reader.u8()
    reader.skip(2)
    const source = reader.u16le()
    // What comes back without the direction bit is an outstation's; our own frames echoed are not.
    if (reader.u16le() !== dnp3Crc(bytes.subarray(0, 8)) || control & FROM_MASTER) return null
    return control & PRIMARY || FUNCTIONS[control & 15] !== undefined ? { control, source } : null
  })
}

/** CRC-16, reflected, complemented (clause 9.2.4.3.2). */
export function dnp3Crc(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa6bc : crc >>> 1
  }
  return ~crc & 0xffff
}
