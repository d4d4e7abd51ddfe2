/** STUN and TURN over UDP (RFC 8489, RFC 8656); grammar in stun-message.ts. A binding request, then an allocation. */
import { stun as question } from '#core/probe/udp/stun.ts'
import { ask, attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { allocateRequest, parseStun, stunService } from '../stun-message.ts'

export const stun: Protocol = {
  name: 'stun',
  transport: 'udp',
  ports: [3478, 5349],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const message = parseStun(bytes)
  return message?.length === bytes.length ? stunService(message) : null
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  const binding = reply && parseStun(reply)
  if (!binding) return null
  const allocation = await attempt(async () => {
    await session.write(allocateRequest(session.token))
    return parseStun(await session.read())
  })
  return stunService(binding, allocation)
}
