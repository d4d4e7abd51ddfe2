/** One module, one connection: what it made of the endpoint, and what was heard on the way. */
import { type DialOptions, dialTcp, type Endpoint } from './endpoint.ts'
import { Mishap, type Protocol, type Service } from './protocol.ts'
import { isEcho } from './recognise.ts'
import type { TcpSession } from './session.ts'
import { codeOf } from './socket-error.ts'
import type { InsideTls } from './tls-question.ts'

export interface Conversation {
  readonly service: Service | null
  readonly heard: Uint8Array
  /** Nothing came back but our own words. */
  readonly echoed: boolean
  /** The other side closed, or would not connect, without having said a word. */
  readonly mute: boolean
  /** There was not even a connection: a server that had accepted one is full, or has fallen over. */
  readonly refused: boolean
  /** Milliseconds: the whole conversation, and the connect alone (null when there was none). */
  readonly took: number
  readonly roundTrip: number | null
}

/** Dials and lets the module talk. A mishap is "not mine"; local trouble is thrown. */
export async function converse(
  endpoint: Endpoint,
  protocol: Protocol,
  dial: DialOptions,
  inside: InsideTls | null,
): Promise<Conversation> {
  const started = performance.now()
  const alpn = inside?.facts.alpn ? (protocol.alpn ?? []) : []
  const options = inside === null ? dial : { ...dial, tls: { profile: inside.profile, alpn } }
  let session: TcpSession | null = null
  let service: Service | null = null
  let refused = false
  try {
    session = await dialTcp(endpoint, options)
    service = await talk(protocol, session, new Uint8Array(), inside !== null)
  } catch (error) {
    if (!(error instanceof Mishap)) throw error
    refused = session === null && turnsAway(error, inside !== null)
  } finally {
    session?.close()
  }
  const heard = session?.heard ?? new Uint8Array()
  const mute = session === null || (heard.length === 0 && session.ended !== null)
  const echoed = session !== null && isEcho(session)
  const [took, roundTrip] = [performance.now() - started, session?.roundTrip ?? null]
  return { service, heard, echoed, mute, refused, took, roundTrip }
}

/** Where a handshake was done before, an end in the middle of one says that there is no room, as a refusal does. */
function turnsAway({ reason, cause }: Mishap, insideTls: boolean): boolean {
  return reason === 'refused' || (insideTls && reason === 'tls-failed' && codeOf(cause) === 'ECONNRESET')
}

/** The module's part. TLS it negotiated itself (STARTTLS) becomes a fact of the service. */
export async function talk(
  protocol: Protocol,
  session: TcpSession,
  greeting: Uint8Array,
  insideTls: boolean,
): Promise<Service | null> {
  try {
    const service = (await protocol.identify?.(session, greeting)) ?? null
    if (service === null || insideTls || session.tlsFacts === null) return service
    return { ...service, facts: { ...service.facts, startTls: JSON.parse(JSON.stringify(session.tlsFacts)) } }
  } catch (error) {
    if (error instanceof Mishap) return null
    throw error
  }
}
