/**
 * Mumble, control channel inside TLS (Mumble protocol documentation, "Protocol stack"):
 *
 *   message => U16 type, U32 length, protobuf          the server opens with type 0, Version:
 *   Version => 1: varint version (major << 16 | minor << 8 | patch)  2: release  3: os  4: os version
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

export const mumble: Protocol = {
  name: 'mumble',
  transport: 'tcp',
  ports: [64738],
  opens: 'server',
  insideTls: 'only',
  recognise,
}

/** A Version message is some 60 bytes. */
const LENGTH_CAP = 512

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u16() !== 0) return null
    const length = reader.u32()
    if (length < 5 || length > LENGTH_CAP) return null
    const fields = readFields(new Reader(reader.take(length)))
    const version = fields.get(1)
    if (typeof version !== 'number' || version < 0x10000 || version > 0xffffff) return null
    const release = text(fields.get(2))
    const told =
      /^(?:.*?)(\d+\.\d+\.\d+)/.exec(release ?? '')?.[1] ?? `${version >> 16}.${(version >> 8) & 255}.${version & 255}`
    return service('mumble', {
      product: 'Murmur',
      vendor: 'Mumble',
      version: told,
      info: release,
      os: cleanOrNull([text(fields.get(3)), text(fields.get(4))].filter(Boolean).join(' ')),
      cpe: [cpe('a', 'mumble', 'mumble', told)],
    })
  })
}

const text = (value: number | Uint8Array | undefined) => (value instanceof Uint8Array ? clean(value, 100) : null)

/** Protocol Buffers wire format, varints and length-delimited fields only. */
function readFields(reader: Reader): Map<number, number | Uint8Array> {
  const fields = new Map<number, number | Uint8Array>()
  while (reader.remaining > 0 && fields.size < 16) {
    const key = varint(reader)
    fields.set(key >> 3, (key & 7) === 2 ? reader.take(varint(reader), LENGTH_CAP) : varint(reader))
  }
  return fields
}

function varint(reader: Reader): number {
  let value = 0
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = reader.u8()
    value += (byte & 127) * 2 ** shift
    if (byte < 128) break
  }
  return value
}
