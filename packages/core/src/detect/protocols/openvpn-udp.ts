/** OpenVPN over UDP: our reset is answered by the server's; grammar in openvpn-packet.ts. */
import { openvpn } from '#core/probe/udp/openvpn.ts'
import { ask } from '../ask.ts'
import { openvpnService as recognise } from '../openvpn-packet.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

export const openvpnUdp: Protocol = {
  name: 'openvpn-udp',
  transport: 'udp',
  ports: [1194],
  opens: 'client',
  recognise,
  identify,
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, openvpn)
  return reply && recognise(reply)
}
