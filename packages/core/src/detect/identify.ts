/**
 * Offline identification: bytes a service sent, from a capture, a honeypot, another scanner. Pure; nothing is sent.
 *
 *   identify({ transport: 'tcp', data: Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n') })
 *     -> { name: 'ssh', product: 'OpenSSH', version: '9.2p1', os: 'Debian', ... }
 */
import { complete } from './complete.ts'
import type { Protocol, Service } from './protocol.ts'
import { PROTOCOLS } from './protocols.ts'
import { recogniseAll, weight } from './recognise.ts'
import { byUsualPort } from './usual-port.ts'

export interface CapturedBytes {
  readonly transport: 'tcp' | 'udp'
  /** Decides between protocols that greet in the same words (a bare `220 host` is SMTP's and FTP's). */
  readonly port?: number
  readonly data: Uint8Array
}

export type Identify = (captured: CapturedBytes) => Service | null

/** What a matching port is worth: enough to decide a tie, too little to beat bytes that speak for themselves. */
const PORT_WEIGHT = 0.2

/** Below this the bytes alone decide nothing. */
const SURE = 0.6

/** An identifier over these protocols; null where nobody knows the bytes. Some seven thousand a second. */
export function createIdentify(protocols: readonly Protocol[] = PROTOCOLS): Identify {
  const of = {
    tcp: protocols.filter(({ transport }) => transport === 'tcp'),
    udp: protocols.filter(({ transport }) => transport === 'udp'),
  }
  const brought = protocols.filter((protocol) => protocol.brought)
  const best = ({ transport, port, data }: CapturedBytes): Service | null => {
    const found = recogniseAll(data, of[transport])
    if (port === undefined) return found[0]?.service ?? null
    const rank = ({ protocol, service }: (typeof found)[number]) =>
      weight(service) + (protocol.ports.includes(port) ? PORT_WEIGHT : 0)
    const best = found.toSorted((a, b) => rank(b) - rank(a))[0]?.service ?? null
    if (best !== null && best.confidence >= SURE) return best
    const usual = byUsualPort(data, port, of[transport])
    return usual === null || usual.name === best?.name ? best : usual
  }
  return (captured) => {
    const service = best(captured)
    return service && complete(service, captured.data, brought)
  }
}

export const identify: Identify = createIdentify()
