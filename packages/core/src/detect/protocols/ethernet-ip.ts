/** EtherNet/IP over TCP: ListIdentity needs no session; grammar in enip-identity.ts. */
import { ethernetIp as question } from '#core/probe/udp/industrial.ts'
import { enipService, parseEnip } from '../enip-identity.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

export const ethernetIp: Protocol = {
  name: 'ethernet-ip',
  transport: 'tcp',
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
  await session.write(question.datagram(session.token))
  const answer = await session.readUntil((soFar) => parseEnip(soFar) !== null)
  return parseEnip(answer)?.context === session.token ? recognise(answer) : null
}
