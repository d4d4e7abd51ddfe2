/** Time over UDP (RFC 868): any datagram is answered with four bytes, the seconds since 1900. */

import { time } from '#core/probe/udp/time.ts'
import { ask } from '../ask.ts'
import { recogniseTime } from '../clock-seconds.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const timeUdp: Protocol = {
  name: 'time-udp',
  transport: 'udp',
  ports: [37],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return recogniseTime(bytes) ? service('time', { confidence: 0.7 }) : null
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, time)
  return reply && recognise(reply)
}
