/**
 * SIP (RFC 3261 section 7.2; OPTIONS, section 11):
 *
 *   response => "SIP/2.0" SP 3DIGIT SP reason CRLF *(header CRLF) CRLF
 *
 * The software names itself in `Server` (responses) or `User-Agent` (requests, and many a response).
 */

import { sipOptions } from '#core/probe/udp/sip.ts'
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { sipService } from '../sip-message.ts'

export const sip: Protocol = {
  name: 'sip',
  transport: 'tcp',
  ports: [5060, 5061, 5080],
  opens: 'client',
  recognise: sipService,
  identify,
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(sipOptions('TCP', session.token))
  return sipService(await session.readUntil((soFar) => latin1(soFar).includes('\r\n\r\n')))
}
