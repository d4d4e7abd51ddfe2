/**
 * tinc meta protocol (tinc manual, "The meta-protocol"): "0 " name " " protocol LF when a connection begins; 17 and its minor
 * numbers are those of tinc 1.0 and 1.1. A daemon waits for the client's line first, and answers with its own.
 */

import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const tinc: Protocol = { name: 'tinc', transport: 'tcp', ports: [655], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const [, name, protocol] = /^0 ([A-Za-z0-9_]{1,64}) (17(?:\.\d{1,2})?)$/.exec(firstLine(bytes)) ?? []
  if (name === undefined) return null
  return service('tinc', {
    product: 'tinc',
    vendor: 'tinc',
    info: `protocol ${protocol}`,
    cpe: [cpe('a', 'tinc-vpn', 'tinc')],
    facts: { node: name },
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('0 portolan 17\n'))
  return recognise(await session.readUntil((soFar) => soFar.includes(10)))
}
