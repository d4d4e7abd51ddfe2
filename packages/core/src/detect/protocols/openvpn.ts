/** OpenVPN over TCP: length(2) packet; our reset is answered by the server's; grammar in openvpn-packet.ts. */
import { openvpn as question } from '#core/probe/udp/openvpn.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import { openvpnService } from '../openvpn-packet.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

export const openvpn: Protocol = {
  name: 'openvpn',
  transport: 'tcp',
  ports: [1194, 443],
  opens: 'client',
  insideTls: 'never',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const packet = orNull(() => {
    const reader = new Reader(bytes)
    return reader.take(reader.u16())
  })
  return packet && openvpnService(packet)
}

async function identify(session: Session): Promise<Service | null> {
  const reset = question.datagram(session.token)
  await session.write(new Writer().u16(reset.length).bytes(reset).finish())
  return understood(session, recognise)
}
