/**
 * SANE network scanning (SANE standard 1.06, section 5), words of four bytes:
 *
 *   init => 0(4) version(4) user(string)        answered status(4) version(4); string: length(4) bytes with NUL
 *   the version code is major << 24 | minor << 16 | build
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const INIT = 0
/** Interface 1.0, network protocol 3. */
const VERSION = 0x01000003
const LAST_STATUS = 11

export const saned: Protocol = { name: 'saned', transport: 'tcp', ports: [6566], opens: 'client', recognise, identify }

/** Eight bytes whose second half must be a version code that was ever in use. */
function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const [status, version] = [reader.u32(), reader.u32()]
    if (
      bytes.length !== 8 ||
      status > LAST_STATUS ||
      (version >>> 16 !== 0x0100 && version >>> 16 !== 0x0101) ||
      (version & 0xffff) > 9
    )
      return null
    const facts = { status, protocol: version & 0xffff }
    return service('sane-port', {
      product: 'SANE saned',
      vendor: 'SANE',
      info: `network protocol ${version & 0xffff}`,
      confidence: 0.9,
      device: 'scanner',
      facts,
    })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const user = 'portolan\0'
  await session.write(new Writer().u32(INIT).u32(VERSION).u32(user.length).latin1(user).finish())
  return recognise(await session.readUntil((soFar) => soFar.length >= 8))
}
