/**
 * Milter, the mail filter protocol (Sendmail's libmilter, mfdef.h):
 *
 *   packet      => U32 length, command, data
 *   negotiation => "O" U32 version, U32 actions, U32 steps          both ways
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const milter: Protocol = {
  name: 'milter',
  transport: 'tcp',
  ports: [8891, 8893, 10025, 11332],
  opens: 'client',
  recognise,
  identify,
}

const OPTNEG = 0x4f
const LENGTH_CAP = 1024

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const length = reader.u32()
    if (length < 13 || length > LENGTH_CAP || reader.u8() !== OPTNEG) return null
    const version = reader.u32()
    if (version < 2 || version > 6 || reader.remaining < 8) return null
    const [actions, steps] = [reader.u32(), reader.u32()]
    if (actions > 0x1ff || steps > 0x1fffff) return null
    return service('milter', { info: `protocol ${version}`, facts: { actions, steps } })
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(new Writer().u32(13).u8(OPTNEG).u32(6).u32(0x1ff).u32(0x1fffff).finish())
  return recognise(await session.read(17))
}
