/** SIP over UDP: the message of `sip.ts` in one datagram (RFC 3261 section 18). */

import { sip } from '#core/probe/udp/sip.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { sipService } from '../sip-message.ts'

export const sipUdp: Protocol = {
  name: 'sip-udp',
  transport: 'udp',
  ports: sip.ports,
  opens: 'client',
  recognise: sipService,
  identify,
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, sip)
  return reply === null ? null : sipService(reply)
}
