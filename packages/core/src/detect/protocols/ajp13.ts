/**
 * Apache JServ Protocol 1.3 (AJPv13 reference, "Packet Headers", "CPing"):
 *
 *   request  => 0x12 0x34 U16 length, 10            CPing
 *   response => "AB" U16 length, 9                  CPong
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const ajp13: Protocol = { name: 'ajp13', transport: 'tcp', ports: [8009], opens: 'client', recognise, identify }

const CPING = Uint8Array.of(0x12, 0x34, 0, 1, 10)
const CPONG = [0x41, 0x42, 0, 1, 9]

function recognise(bytes: Uint8Array): Service | null {
  return bytes.length === CPONG.length && CPONG.every((b, i) => bytes[i] === b)
    ? service('ajp13', { product: 'Apache JServ' })
    : null
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(CPING)
  return recognise(await session.read(CPONG.length))
}
