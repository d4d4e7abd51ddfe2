/**
 * Freeciv network protocol (freeciv common/networking/packets.def):
 *
 *   packet     => U16 length, U8 or U16 type, fields       strings end in NUL
 *   compressed => U16 length + 16385, zlib of packets
 *   join       => type 4: user, capability, version label, U32 major minor patch
 *
 * A client without the server's capabilities is refused with a message that names the server's version.
 */
import { inflateSync } from 'node:zlib'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const freeciv: Protocol = {
  name: 'freeciv',
  transport: 'tcp',
  ports: [5556],
  opens: 'client',
  recognise,
  identify,
}

const COMPRESSED_FROM = 16_385
/** What a refusal may unpack to; it has a few hundred bytes. */
const UNPACKED_CAP = 8192

function recognise(bytes: Uint8Array): Service | null {
  const text = orNull(() => {
    const reader = new Reader(bytes)
    const length = reader.u16()
    if (length < COMPRESSED_FROM)
      return length >= 3 && length <= bytes.length ? latin1(bytes.subarray(0, length)) : null
    return unpack(reader.take(length - COMPRESSED_FROM - 2, UNPACKED_CAP))
  })
  const capability = /[+ ]?(Freeciv-[\w.-]{1,40})/.exec(text ?? '')?.[1]
  if (text === null || capability === undefined) return null
  const version = /Server version: (\d[\w.-]{0,30})/.exec(text)?.[1] ?? null
  return service('freeciv', {
    product: 'Freeciv',
    vendor: 'Freeciv',
    version,
    info: capability,
    cpe: [cpe('a', 'freeciv', 'freeciv', version)],
  })
}

function unpack(data: Uint8Array): string | null {
  try {
    return latin1(inflateSync(data, { maxOutputLength: UNPACKED_CAP }))
  } catch {
    return null
  }
}

async function identify(session: Session): Promise<Service | null> {
  const body = new Writer().latin1('portolan\0+Freeciv-portolan\0\0').u32(3).u32(0).u32(0).finish()
  await session.write(
    new Writer()
      .u16(body.length + 3)
      .u8(4)
      .bytes(body)
      .finish(),
  )
  return understood(session, recognise)
}
