/**
 * Teeworlds 0.7 (Teeworlds network documentation, "Token"):
 *
 *   answer => 4 (control) 0 0, U32 our token, 5 (token), U32 the server's token
 */
import { teeworlds as question } from '#core/probe/udp/games.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const teeworlds: Protocol = {
  name: 'teeworlds',
  transport: 'udp',
  ports: question.ports,
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const shape = bytes.length === 12 && bytes[0] === 4 && bytes[1] === 0 && bytes[2] === 0 && bytes[7] === 5
  return shape ? service('teeworlds', { product: 'Teeworlds', vendor: 'Teeworlds', confidence: 0.8 }) : null
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  const found = reply && recognise(reply)
  return found && { ...found, confidence: 1 }
}
