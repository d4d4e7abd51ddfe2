import { Mishap, type Protocol, type Service } from '#core/detect/protocol.ts'
import type { Exchange, Fixture } from './fixture.ts'
import { type ReplayOptions, replaySession } from './replay-session.ts'

/** What the server said before it was asked anything. */
export function greetingOf(exchange: readonly Exchange[]): Uint8Array {
  const asked = exchange.findIndex((e) => e.send !== null)
  return Buffer.concat(exchange.slice(0, asked < 0 ? undefined : asked).map((e) => e.reply))
}

/**
 * Plays a recording to a module the way the runner does: the greeting is read and recognised for a server-first
 * module, which then may go on; a client-first one talks, unless all that was recorded is bytes. A mishap is "not mine".
 */
export async function converse(
  protocol: Protocol,
  exchange: readonly Exchange[],
  options: ReplayOptions = {},
): Promise<Service | null> {
  const greeting = greetingOf(exchange)
  const known = greeting.length > 0 ? protocol.recognise(greeting) : null
  if (greeting.length > 0 && (protocol.opens === 'client' || known === null)) return known
  if (protocol.identify === undefined) return known ?? protocol.recognise(exchange[0]?.reply ?? greeting)
  const asked = exchange.findIndex((e) => e.send !== null)
  const session = replaySession(asked < 0 ? [] : exchange.slice(asked), { ...options, transport: protocol.transport })
  try {
    return await protocol.identify(session, greeting)
  } catch (error) {
    if (error instanceof Mishap) return known
    throw error
  }
}

/** The same for a whole fixture. */
export function converseFixture(protocol: Protocol, { exchange, token, tls }: Fixture): Promise<Service | null> {
  return converse(protocol, exchange, { token, tls })
}
