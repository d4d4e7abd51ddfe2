/** The ONC RPC portmapper over UDP (RFC 1833 section 3): one reply a datagram with the list of registered programs. */
import { rpcbind } from '#core/probe/udp/rpcbind.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { recogniseMappings as recognise } from '../rpc-portmap.ts'

export const rpcbindUdp: Protocol = {
  name: 'rpcbind-udp',
  transport: 'udp',
  ports: [111],
  opens: 'client',
  recognise,
  identify,
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, rpcbind)
  return reply && recognise(reply)
}
