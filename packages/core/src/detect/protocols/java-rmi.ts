/**
 * Java RMI transport (Java RMI specification, section 10.2):
 *
 *   request  => "JRMI" U16 2, 0x4b                     StreamProtocol
 *   response => 0x4e U16 length, host of the client as the server sees it, U32 port
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const javaRmi: Protocol = {
  name: 'java-rmi',
  transport: 'tcp',
  ports: [1099, 1098, 1090, 4444, 9010],
  opens: 'client',
  recognise,
  identify,
}

const PROTOCOL_ACK = 0x4e
/** An address or a host name. */
const HOST_CAP = 255

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== PROTOCOL_ACK) return null
    const host = reader.latin1(reader.u16(), HOST_CAP)
    const port = reader.u32()
    if (!/^[\w.:%-]{2,}$/.test(host) || port > 65_535 || reader.remaining > 0) return null
    return service('java-rmi', { product: 'Java RMI', facts: { seenAs: clean(host) } })
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Uint8Array.of(0x4a, 0x52, 0x4d, 0x49, 0, 2, 0x4b))
  return recognise(await session.read(7))
}
