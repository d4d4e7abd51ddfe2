/** Echo (RFC 862): whatever is sent comes back. Only meaningful as the answer to a token of ours. */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const echoUdp: Protocol = {
  name: 'echo-udp',
  transport: 'udp',
  ports: [7],
  opens: 'client',
  recognise: () => null,
  identify,
}

async function identify(session: Session): Promise<Service | null> {
  const text = `portolan ${session.token.toString(16)}\r\n`
  await session.write(Buffer.from(text))
  const answer = await session.readUntil((soFar) => soFar.length >= text.length)
  return Buffer.from(answer).toString('latin1') === text ? service('echo') : null
}
