/** Daytime over UDP (RFC 867): any datagram is answered with the date and the time. */

import { daytime } from '#core/probe/udp/daytime.ts'
import { ask } from '../ask.ts'
import { recogniseDaytime } from '../clock-text.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const daytimeUdp: Protocol = {
  name: 'daytime-udp',
  transport: 'udp',
  ports: [13],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return recogniseDaytime(bytes) ? service('daytime', { confidence: 0.9 }) : null
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, daytime)
  return reply && recognise(reply)
}
