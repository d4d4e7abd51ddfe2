/**
 * The bus daemons eibd and knxd (BCU SDK, eibtypes.h):
 *
 *   message => length(u16, big-endian) type(u16) ...
 *   EIB_OPEN_GROUPCON(0x0026) write-only(u16) reserved(u8) => EIB_OPEN_GROUPCON, or EIB_INVALID_REQUEST(0x0000)
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const eibd: Protocol = { name: 'eibd', transport: 'tcp', ports: [6720], opens: 'client', recognise, identify }

const QUESTION = Uint8Array.of(0, 5, 0, 0x26, 0, 0, 0)
const OPENED = Uint8Array.of(0, 2, 0, 0x26)

function recognise(bytes: Uint8Array): Service | null {
  if (!Buffer.from(bytes).equals(OPENED)) return null
  return service('eibd', { product: 'knxd', vendor: 'knxd', confidence: 0.95 })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(QUESTION)
  return recognise(await session.read(OPENED.length))
}
