/** The one question "do you speak TLS?", put to servers of every age, and what its answer allows. */
import { type DialOptions, dialTcp, type Endpoint } from './endpoint.ts'
import { ALPN_OFFER } from './order.data.ts'
import { isTlsPort } from './plan.ts'
import { Mishap, type TlsFacts } from './protocol.ts'
import type { TcpSession } from './session.ts'
import { codeOf } from './socket-error.ts'
import type { TlsProfile } from './tls.ts'

/** What is offered, in the order it is tried; servers of one protocol may refuse whoever names others (RFC 7301). */
const OFFERS: readonly (readonly [profile: TlsProfile, alpn: readonly string[]])[] = [
  ['modern', ALPN_OFFER],
  ['modern', []],
  ['nameless', ALPN_OFFER],
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

/** What OpenSSL calls the refusals of those who speak TLS. */
const REFUSAL = /ALERT|UNRECOGNIZED_NAME|UNSUPPORTED_PROTOCOL|DH_KEY|KEY_TOO|CURVE|CERT|SIGNATURE/
const REFUSES_ALPN = /NO_APPLICATION_PROTOCOL/
/** How servers refuse a name: by the alert made for it, by one of three others, or by hanging up without a word. */
const REFUSES_NAME = /UNRECOGNIZED_NAME|HANDSHAKE_FAILURE|INTERNAL_ERROR|ACCESS_DENIED|ECONNRESET/

async function tryProfiles(endpoint: Endpoint, dial: DialOptions): Promise<Handshake> {
  const { target, protocols, limits } = endpoint
  const offers = target.hostname ? OFFERS : OFFERS.filter(([profile]) => profile !== 'nameless')
  let alert: string | null = null
  let last = ''
  for (const [profile, alpn] of offers) {
    if (!isNews(profile, alpn, last)) continue
    try {
      const { silence: _, ...open } = dial
      const patient = { ...open, answer: limits.listen, handshake: limits.talk, total: limits.total }
      const session = await dialTcp(endpoint, { ...patient, tls: { profile, alpn } })
      return { session, profile, alert: null, turnedAway: false }
    } catch (error) {
      if (!(error instanceof Mishap)) throw error
      if (error.reason === 'refused') return { session: null, profile, alert, turnedAway: true }
      last = refusalOf(error)
      // Later offers are refused for their age, most often: the first alert says more.
      if (REFUSAL.test(last)) alert = alert === null || REFUSES_ALPN.test(alert) ? last : alert
      else if (isTlsPort(target.port, protocols) && error.reason === 'tls-failed') continue
      else if (!target.hostname || profile !== 'modern' || !REFUSES_NAME.test(last)) break
    }
  }
  return { session: null, profile: 'modern', alert, turnedAway: false }
}

/** Is this what the last refusal was for, or an offer of another age? */
function isNews(profile: TlsProfile, alpn: readonly string[], last: string): boolean {
  if (profile === 'nameless') return REFUSES_NAME.test(last)
  return profile !== 'modern' || alpn.length > 0 || REFUSES_ALPN.test(last)
}

/** `ERR_SSL_TLSV1_ALERT_...`, `ECONNRESET` for who hung up, or an empty string for ends that had nothing to do with TLS. */
function refusalOf({ cause }: Mishap): string {
  const code = codeOf(cause)
  return code.startsWith('ERR_SSL') || code === 'ECONNRESET' ? code : ''
}
