/** The whole examination of a TCP endpoint: the bare connection first, then everything again inside TLS. */
import type { Endpoint, Finding } from './endpoint.ts'
import { service } from './service.ts'
import { TcpLayer } from './tcp-layer.ts'

export async function examineTcp(endpoint: Endpoint): Promise<Finding> {
  const bare = new TcpLayer(endpoint)
  await bare.run()
  const { handshake } = bare
  const facts = handshake?.session?.tlsFacts
  if (!handshake?.session || !facts) {
    const refused = handshake?.alert ? service('ssl', { info: 'TLS alert', facts: { alert: handshake.alert } }) : null
    return { service: bare.service ?? refused, tls: null, heard: bare.heard, wrapped: bare.wrapped }
  }
  const inside = new TcpLayer(endpoint, { profile: handshake.profile, facts })
  await inside.run(handshake.session)
  return { service: inside.service, tls: facts, heard: inside.heard, wrapped: false }
}
