/**
 * SPICE, link stage (Spice protocol, "RedLinkMess"):
 *
 *   request  => "REDQ" U32le 2 U32le 2 U32le size, U32le connection, type, id, U32le caps..., U32le offset
 *   response => "REDQ" U32le major U32le minor U32le size, U32le error, 162 bytes of public key, ...
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const spice: Protocol = {
  name: 'spice',
  transport: 'tcp',
  ports: [5900, 5930, 5901],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.latin1(4) !== 'REDQ') return null
    const [major, minor] = [reader.u32le(), reader.u32le()]
    return service('spice', { product: 'SPICE', info: `protocol ${major}.${minor}` })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const message = new Writer().u32le(0).u8(1).u8(0).u32le(0).u32le(0).u32le(18).finish()
  await session.write(new Writer().latin1('REDQ').u32le(2).u32le(2).u32le(message.length).bytes(message).finish())
  return recognise(await session.read(16))
}
