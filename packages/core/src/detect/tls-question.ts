/** The one question "do you speak TLS?", put to servers of every age, and what its answer allows. */
import { type DialOptions, dialTcp, type Endpoint } from './endpoint.ts'
import { ALPN_OFFER } from './order.data.ts'
import { isTlsPort } from './plan.ts'
import { Mishap, type TlsFacts } from './protocol.ts'
import type { TcpSession } from './session.ts'
import type { TlsProfile } from './tls.ts'

/** What is offered, in the order it is tried; servers of one protocol may refuse whoever names others (RFC 7301). */
const OFFERS: readonly (readonly [profile: TlsProfile, alpn: readonly string[]])[] = [
  ['modern', ALPN_OFFER],
  ['modern', []],
  ['plain', []],
  ['ancient', []],
]

/** How a later connection gets inside. */
export interface InsideTls {
  readonly profile: TlsProfile
  readonly facts: TlsFacts
}

export interface Handshake {
  readonly session: TcpSession | null
  readonly profile: TlsProfile
  /** The other side speaks TLS but refused: the library's words for its alert. */
  readonly alert: string | null
  /** There was not even a connection. */
  readonly turnedAway: boolean
}

/**
 * Shakes hands, with older and older manners as long as the other side answers in TLS. Never throws a Mishap. `dial.signal`
 * stops the handshake; the session it won outlives that, until the examination of the endpoint ends.
 */
export async function firstHandshake(endpoint: Endpoint, dial: DialOptions): Promise<Handshake> {
  const own = new AbortController()
  const abort = () => own.abort()
  dial.signal.addEventListener('abort', abort, { once: true })
  const handshake = await tryProfiles(endpoint, { ...dial, signal: own.signal })
  dial.signal.removeEventListener('abort', abort)
  endpoint.signal.addEventListener('abort', abort, { once: true })
  return handshake
}

async function tryProfiles(endpoint: Endpoint, dial: DialOptions): Promise<Handshake> {
  let alert: string | null = null
  for (const [profile, alpn] of OFFERS) {
    // A protocol of its own agreed on is all that a refused offer lacked; otherwise this one says nothing new.
    if (profile === 'modern' && alpn.length === 0 && !/NO_APPLICATION_PROTOCOL/.test(alert ?? '')) continue
    try {
      const { limits } = endpoint
      const { silence: _, ...open } = dial
      const patient = { ...open, answer: limits.listen, handshake: limits.talk, total: limits.total }
      const session = await dialTcp(endpoint, { ...patient, tls: { profile, alpn } })
      return { session, profile, alert: null, turnedAway: false }
    } catch (error) {
      if (!(error instanceof Mishap)) throw error
      if (error.reason === 'refused') return { session: null, profile, alert, turnedAway: true }
      const code = openSslCode(error)
      if (/ALERT|UNRECOGNIZED_NAME|UNSUPPORTED_PROTOCOL|DH_KEY|KEY_TOO|CURVE|CERT|SIGNATURE/.test(code)) alert = code
      else if (!isTlsPort(endpoint.target.port, endpoint.protocols) || error.reason !== 'tls-failed') break
    }
  }
  return { session: null, profile: 'modern', alert, turnedAway: false }
}

/** `ERR_SSL_TLSV1_ALERT_...`, or an empty string for ends that had nothing to do with TLS. */
function openSslCode(error: Mishap): string {
  const { cause } = error
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && cause.code.startsWith('ERR_SSL')
    ? cause.code
    : ''
}
