/** Quote of the day over UDP (RFC 865): any datagram is answered with a short text. */
import type { Protocol, Service, Session } from '../protocol.ts'
import { isQuotation } from '../quotation.ts'
import { service } from '../service.ts'

export const qotdUdp: Protocol = {
  name: 'qotd-udp',
  transport: 'udp',
  ports: [17],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return isQuotation(bytes) ? service('qotd', { confidence: 0.8 }) : null
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Uint8Array.of(13, 10))
  return recognise(await session.read())
}
