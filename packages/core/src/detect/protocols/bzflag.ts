/**
 * BZFlag (the game's own network protocol, global.h and ServerLink.cxx):
 *
 *   hello  => "BZFLAG" CRLF CRLF
 *   answer => "BZFS" 4HEXDIG id                       the digits are the protocol: 0221 is spoken by releases 2.4.x
 */

import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const bzflag: Protocol = {
  name: 'bzflag',
  transport: 'tcp',
  ports: [5154],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const protocol = /^BZFS(\d[0-9a-f]{3})/.exec(firstLine(bytes.subarray(0, 16)))?.[1]
  return protocol === undefined ? null : service('bzflag', { product: 'BZFlag', info: `protocol ${protocol}` })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('BZFLAG\r\n\r\n'))
  return recognise(await session.readUntil((soFar) => soFar.length >= 8))
}
