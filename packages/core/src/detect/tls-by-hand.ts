/**
 * TLS that the library refuses to speak, read by hand: SSL 3.0 and 2.0, export ciphers, RC4, servers that want a
 * certificate of ours. Up to TLS 1.2 version, cipher and certificate are sent in the clear, and nothing more is wanted.
 */
import { X509Certificate } from 'node:crypto'
import { clientHello, clientHelloV2, parseServerFlight, type ServerFlight } from '#core/wire/tls.ts'
import type { Session, TlsFacts } from './protocol.ts'
import { certificateFacts } from './tls.ts'

/** The best answer to three hellos, each on a connection of its own: today's, that of 1996, that of 1995. */
export async function askByHand(session: Session): Promise<ServerFlight | null> {
  const { token, hostname } = session
  const hellos = [
    clientHello({ version: 0x0303, token, serverName: hostname }),
    clientHello({ version: 0x0300, token, serverName: null }),
    clientHelloV2(token),
  ]
  let best: ServerFlight | null = null
  for (const [i, hello] of hellos.entries()) {
    if (i > 0) await session.reopen()
    await session.write(hello)
    const flight = parseServerFlight(await session.readUntil(isWhole))
    if (flight?.version) return flight
    if (flight?.alert) best ??= flight
  }
  return best
}

/** SSL 2.0 begins with the top bit set; five bytes tell whether the rest is anything of TLS. */
const isWhole = (soFar: Uint8Array): boolean =>
  soFar.length > 4 && (parseServerFlight(soFar)?.complete ?? (soFar[0] ?? 0) < 0x80)

/** Null when there was no more than an alert. */
export function flightFacts({ version, cipher, certificate }: ServerFlight, sni: string | null): TlsFacts | null {
  if (version === null) return null
  const read = certificate && readCertificate(certificate)
  const facts = read && certificateFacts(read, new Date())
  return { protocol: version, cipher: cipher ?? 'unknown', alpn: null, sni, certificate: facts }
}

function readCertificate(der: Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(der)
  } catch {
    return null
  }
}
