/**
 * Nagios Remote Plugin Executor (NRPE protocol, versions 2 and 3):
 *
 *   packet 2 = version(2) type(2) crc(4) result(2) buffer(1024) padding(2)
 *   packet 3 = version(2) type(2) crc(4) result(2) alignment(2) length(4) buffer       also version 4
 *   "_NRPE_CHECK" => type 2, "NRPE v" version
 *
 * Mostly inside TLS. The checksum is CRC-32 over the packet with its own field zero.
 */
import { crc32 } from 'node:zlib'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [QUERY, RESPONSE] = [1, 2]
const [BUFFER, PADDING] = [1024, 2]
const PACKET_2 = 10 + BUFFER + PADDING
const BUFFER_CAP = 65_536

export const nrpe: Protocol = { name: 'nrpe', transport: 'tcp', ports: [5666], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const text = parseNrpe(bytes)
  if (text === null) return null
  const version = /^NRPE v(\d[\w.]{0,20})/.exec(text)?.[1] ?? null
  return service('nrpe', {
    product: 'Nagios NRPE',
    vendor: 'Nagios',
    version,
    info: version === null ? text || null : null,
    cpe: [cpe('a', 'nagios', 'remote_plug_in_executor', version)],
  })
}

async function identify(session: Session): Promise<Service | null> {
  const command = '_NRPE_CHECK'
  const writer = new Writer().u16(2).u16(QUERY).u32(0).u16(0).latin1(command)
  writer.zeros(PACKET_2 - writer.length)
  await session.write(writer.patchU32(4, crc32(writer.finish())).finish())
  return recognise(await session.readUntil((soFar) => parseNrpe(soFar) !== null))
}

/** The text of a response whose checksum is right. */
export function parseNrpe(bytes: Uint8Array): string | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const version = reader.u16()
    if (version < 2 || version > 4 || reader.u16() !== RESPONSE) return null
    const checksum = reader.u32()
    reader.skip(2)
    if (version > 2) reader.skip(2)
    const text = version === 2 ? reader.take(BUFFER + PADDING) : reader.take(reader.u32(), BUFFER_CAP)
    // A copy: what a session hands out is not ours to change.
    const whole = Uint8Array.from(bytes).fill(0, 4, 8)
    // Version 3 counts padding of its structure into the packet; what came is then a few bytes longer.
    const packet = whole.subarray(0, reader.position)
    return crc32(packet) === checksum || crc32(whole) === checksum ? clean(latin1(text).split('\0', 1)[0]!) : null
  })
}
