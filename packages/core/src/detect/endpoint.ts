/** One endpoint under examination: what is asked, within which limits, and the connections it may use. */
import type { Limits } from './plan.ts'
import type { ClientIdentity, Protocol, Service, TlsFacts } from './protocol.ts'
import { type SessionOptions, TcpSession } from './session.ts'
import type { Slots } from './slots.ts'
import type { TlsOffer } from './tls.ts'

export interface Target {
  readonly address: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
  /** The name the user asked for: SNI, Host header. */
  readonly hostname?: string | null
  /** UDP: the datagram the engine's question already brought. */
  readonly firstReply?: Uint8Array
}

export interface Endpoint {
  readonly target: Target
  readonly limits: Limits
  /** Those of the target's transport. */
  readonly protocols: readonly Protocol[]
  /** Nothing may be asked here. */
  readonly listenOnly: boolean
  readonly client: ClientIdentity
  readonly random: () => number
  readonly slots: Slots
  /** Aborts when the user cancels or the total time is up. */
  readonly signal: AbortSignal
}

/** What an examination found, before it is a verdict. */
export interface Finding {
  readonly service: Service | null
  readonly tls: TlsFacts | null
  /** What was heard, for the verdict on endpoints nobody knows. */
  readonly heard: Uint8Array
  /** Every connection was closed on us without a byte. */
  readonly wrapped: boolean
}

export interface DialOptions {
  /** Milliseconds to wait for each answer, and for the session. */
  readonly answer: number
  /** Milliseconds within which the first byte must come, unset: the wait for each answer alone decides. */
  readonly silence?: number
  readonly handshake?: number
  readonly total: number
  readonly signal: AbortSignal
  readonly tls?: Omit<TlsOffer, 'timeout' | 'sni'>
  /** Called with the first bytes that come back. */
  readonly onHeard?: () => void
}

/** The options of a session with the endpoint. */
export function sessionOptions(endpoint: Endpoint, dial: DialOptions): SessionOptions {
  const { target, limits, client, random } = endpoint
  return {
    address: target.address,
    port: target.port,
    hostname: target.hostname ?? null,
    client,
    token: Math.floor(random() * 0x1_0000_0000),
    connectTimeout: limits.connect,
    answerTimeout: dial.answer,
    ...(dial.silence === undefined ? {} : { silenceTimeout: dial.silence }),
    handshakeTimeout: dial.handshake ?? limits.talk,
    totalTimeout: dial.total,
    signal: dial.signal,
    ...(dial.tls === undefined ? {} : { tls: dial.tls }),
    ...(dial.onHeard === undefined ? {} : { onHeard: dial.onHeard }),
  }
}

export const dialTcp = (endpoint: Endpoint, dial: DialOptions): Promise<TcpSession> =>
  TcpSession.dial(sessionOptions(endpoint, dial))
