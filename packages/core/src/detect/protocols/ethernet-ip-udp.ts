/** EtherNet/IP over UDP: ListIdentity, answered with what the device is; grammar in enip-identity.ts. */
import { ethernetIp as question } from '#core/probe/udp/industrial.ts'
import { ask } from '../ask.ts'
import { enipService, parseEnip } from '../enip-identity.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

export const ethernetIpUdp: Protocol = {
  name: 'ethernet-ip-udp',
  transport: 'udp',
  ports: [44818],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const identity = parseEnip(bytes)
  return identity && enipService(identity)
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
