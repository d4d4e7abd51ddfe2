/**
 * Java Debug Wire Protocol (JDWP specification, "Transport"; VirtualMachine.Version, command set 1 command 1):
 *
 *   handshake => "JDWP-Handshake", both ways
 *   command   => U32 length, U32 id, U8 flags, U8 set, U8 command
 *   reply     => U32 length, U32 id, U8 0x80, U16 error, string description, U32 major, U32 minor, string version, string name
 *   string    => U32 length, UTF-8
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, startsWith } from '../text.ts'

export const jdwp: Protocol = {
  name: 'jdwp',
  transport: 'tcp',
  ports: [5005, 8000, 8787, 3999],
  opens: 'client',
  recognise,
  identify,
}

const HANDSHAKE = 'JDWP-Handshake'
/** Descriptions are a few lines. */
const STRING_CAP = 4096

function recognise(bytes: Uint8Array): Service | null {
  if (!startsWith(bytes, HANDSHAKE)) return null
  const told = orNull(() => parseVersion(new Reader(bytes, HANDSHAKE.length)))
  return service('jdwp', { product: 'Java Debug Wire Protocol', ...told })
}

function parseVersion(reader: Reader): Partial<Service> | null {
  reader.skip(8)
  if (reader.u8() !== 0x80 || reader.u16() !== 0) return null
  const description = clean(reader.take(reader.u32(), STRING_CAP))
  reader.skip(8)
  const version = clean(reader.take(reader.u32(), STRING_CAP), 40)
  const name = clean(reader.take(reader.u32(), STRING_CAP), 100)
  const jvm = /JVM version ([\w.+-]{1,40})/.exec(description)?.[1] ?? version
  return { version: jvm, info: name || null, facts: { description } }
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from(HANDSHAKE))
  const answer = await session.read(HANDSHAKE.length)
  const known = recognise(answer)
  if (known === null) return null
  const reply = await attempt(async () => {
    await session.write(new Writer().u32(11).u32(1).u8(0).u8(1).u8(1).finish())
    return session.readUntil((b) => b.length >= 4 && b.length >= new Reader(b).u32())
  })
  return reply === null ? known : recognise(Buffer.concat([Buffer.from(HANDSHAKE), reply]))
}
