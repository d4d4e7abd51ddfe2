/** STUN and TURN over TCP or TLS (RFC 8489 section 6.2.2): the same messages back to back; grammar in stun-message.ts. */
import { stun as question } from '#core/probe/udp/stun.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { allocateRequest, parseStun, stunService } from '../stun-message.ts'

export const stunTcp: Protocol = {
  name: 'stun-tcp',
  transport: 'tcp',
  ports: [3478, 5349],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const binding = parseStun(bytes)
  return binding && stunService(binding, parseStun(bytes.subarray(binding.length)))
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.concat([question.datagram(session.token), allocateRequest(session.token)]))
  const both = (soFar: Uint8Array) => parseStun(soFar.subarray(parseStun(soFar)?.length ?? soFar.length)) !== null
  return recognise(await session.readUntil(both))
}
