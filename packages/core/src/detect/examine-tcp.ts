/** The whole examination of a TCP endpoint: the bare connection first, then everything again inside TLS. */
import { byCertificate, withCertificate } from './certificate-identity.ts'
import { dialTcp, type Endpoint, type Finding } from './endpoint.ts'
import type { Impression } from './impression.ts'
import { Mishap, type Service, type TlsFacts } from './protocol.ts'
import { service } from './service.ts'
import { withStartTls } from './start-tls.ts'
import { TcpLayer } from './tcp-layer.ts'
import { askByHand, flightFacts } from './tls-by-hand.ts'

export async function examineTcp(endpoint: Endpoint): Promise<Finding> {
  const bare = new TcpLayer(endpoint)
  await bare.run()
  const { handshake, heard, wrapped } = bare.found
  const facts = handshake?.session?.tlsFacts
  if (!handshake?.session || !facts) return { ...(await withoutTls(endpoint, bare.found)), heard, wrapped }
  const inside = new TcpLayer(endpoint, { profile: handshake.profile, facts })
  await inside.run(handshake.session)
  const { service: spoken, heard: within } = inside.found
  const known = spoken ? withCertificate(spoken, facts.certificate) : byCertificate(facts.certificate)
  const service = known ?? (handshake.session.ended === 'tls-failed' ? wantsCertificate() : null)
  return { service, tls: facts, heard: within, wrapped: false }
}

/** No TLS from the first byte, or none that works: what is known, and what TLS there is all the same. */
async function withoutTls(
  endpoint: Endpoint,
  layer: Pick<Impression, 'service' | 'handshake'>,
): Promise<Pick<Finding, 'service' | 'tls'>> {
  const known = withRefusal(layer.service, layer.handshake?.alert ?? null)
  if (known === null || endpoint.listenOnly) return { service: known, tls: null }
  if (known.name === 'ssl') {
    const tls = await tlsByHand(endpoint)
    return { service: withCertificate(known, tls?.certificate ?? null), tls }
  }
  return { service: await withStartTls(endpoint, known), tls: null }
}

/** Refused only after the handshake, which without a certificate of ours means just that. */
const wantsCertificate = (): Service => service('ssl', { info: 'wants a client certificate' })

/** Who answers in TLS, if only to refuse us, is not somebody without it: nginx complains of plain requests in plain HTTP. */
function withRefusal(known: Service | null, alert: string | null): Service | null {
  if (alert === null || known?.name === 'ssl') return known
  if (known === null) return service('ssl', { info: 'TLS alert', facts: { alert } })
  return { ...known, info: [known.info, 'TLS alert'].filter(Boolean).join('; '), facts: { ...known.facts, alert } }
}

async function tlsByHand(endpoint: Endpoint): Promise<TlsFacts | null> {
  const { limits, signal, target } = endpoint
  try {
    using session = await dialTcp(endpoint, { answer: limits.talk, total: limits.talk * 3, signal })
    const flight = await askByHand(session)
    return flight && flightFacts(flight, target.hostname ?? null)
  } catch (error) {
    if (error instanceof Mishap) return null
    throw error
  }
}
