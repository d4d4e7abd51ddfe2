/**
 * HashiCorp Serf, the agent's RPC (Serf documentation, "RPC protocol"), MessagePack maps:
 *
 *   request  => {Command: "handshake", Seq: U} {Version: 1}
 *   response => {Error: text, Seq: U}            "Handshake required" to whatever comes before it
 */
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { startsWith } from '../text.ts'

const HANDSHAKE = '\x82\xa7Command\xa9handshake\xa3Seq\x07\x81\xa7Version\x01'
const DONE = '\x82\xa5Error\xa0\xa3Seq\x07'
const REFUSED = '\x82\xa5Error\xb2Handshake required\xa3Seq'

export const serf: Protocol = { name: 'serf', transport: 'tcp', ports: [7373], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  if (!startsWith(bytes, DONE) && !startsWith(bytes, REFUSED)) return null
  return service('serf', { product: 'Serf', vendor: 'HashiCorp', info: 'RPC', cpe: [cpe('a', 'hashicorp', 'serf')] })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from(HANDSHAKE, 'latin1'))
  return recognise(await session.read(DONE.length))
}
