/**
 * Minecraft Java Edition, server list ping (protocol wiki, "Server List Ping"):
 *
 *   packet   => VarInt length, VarInt id, data
 *   request  => id 0: VarInt protocol, string address, U16 port, VarInt 1; then id 0, empty
 *   response => id 0: string JSON {"version": {"name", "protocol"}, "players", "description"}
 */

import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, decode } from '../text.ts'

export const minecraft: Protocol = {
  name: 'minecraft',
  transport: 'tcp',
  ports: [25565],
  opens: 'client',
  recognise,
  identify,
}

/** Server icons are inline in the JSON and may be tens of kilobytes. */
const JSON_CAP = 65_536

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const length = varint(reader)
    if (length < 4 || length > JSON_CAP || varint(reader) !== 0) return null
    const size = varint(reader)
    if (size > length) return null
    const json = decode(reader.take(Math.min(size, reader.remaining), JSON_CAP))
    const name = /"version":\{[^{}]{0,200}"name":"([^"]{1,100})"/.exec(json)?.[1]
    if (!json.startsWith('{') || name === undefined) return null
    const [, software, version = null] = /^(?:([A-Za-z]+) )?v?(\d+\.\d[\w.-]*)/.exec(name) ?? []
    const players = /"online":(\d{1,7})/.exec(json)?.[1]
    return service('minecraft', {
      product: software ?? 'Minecraft',
      vendor: software === undefined ? 'mojang' : null,
      version,
      info: [clean(name), players && `${players} players`].filter(Boolean).join(', '),
      cpe: [cpe('a', 'mojang', 'minecraft', version)],
    })
  })
}

function varint(reader: Reader): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.u8()
    value |= (byte & 127) << shift
    if (byte < 128) return value
  }
  return -1
}

async function identify(session: Session): Promise<Service | null> {
  const host = Buffer.from(session.hostname ?? session.address)
  // Protocol -1 says "only asking"; as a VarInt that is five bytes.
  const handshake = new Writer()
    .u8(0)
    .bytes([255, 255, 255, 255, 15])
    .u8(host.length)
    .bytes(host)
    .u16(session.port)
    .u8(1)
    .finish()
  await session.write(Buffer.concat([Uint8Array.of(handshake.length), handshake, Uint8Array.of(1, 0)]))
  return recognise(
    await session.readUntil((soFar) => orNull(() => varint(new Reader(soFar)) + 3 <= soFar.length) ?? false),
  )
}
