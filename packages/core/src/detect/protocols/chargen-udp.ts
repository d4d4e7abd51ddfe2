/** Character generator over UDP (RFC 864): any datagram is answered with up to 512 characters of the pattern. */
import { chargen } from '#core/probe/udp/chargen.ts'
import { ask } from '../ask.ts'
import { recogniseChargen } from '../character-pattern.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const chargenUdp: Protocol = {
  name: 'chargen-udp',
  transport: 'udp',
  ports: [19],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return recogniseChargen(bytes) ? service('chargen') : null
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, chargen)
  return reply && recognise(reply)
}
