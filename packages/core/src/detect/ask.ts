/** How modules take an answer: the datagram that answers the question, or as much of a stream as can be understood. */
import type { UdpQuestion } from '#core/probe/udp-question.ts'
import { Mishap, type Session } from './protocol.ts'

/** Strangers' datagrams looked at before giving up. */
const REPLIES_CAP = 4

/** The first datagram that answers `question`; null when others came instead. Silence is a Mishap. */
export async function ask(session: Session, question: UdpQuestion): Promise<Uint8Array | null> {
  await session.write(question.datagram(session.token))
  for (let i = 0; i < REPLIES_CAP; i++) {
    const reply = await session.read()
    if (question.answers?.(reply, session.token) ?? true) return reply
  }
  return null
}

/** TCP: reads on until `parse` makes something of all that came, or nothing more comes; what it makes of that. */
export async function understood<T>(session: Session, parse: (soFar: Uint8Array) => T | null): Promise<T | null> {
  return parse(await session.readUntil((soFar) => parse(soFar) !== null))
}

/** A further question, whose failure does not undo what is known already: a mishap becomes null. */
export async function attempt<T>(talk: () => Promise<T>): Promise<T | null> {
  try {
    return await talk()
  } catch (error) {
    if (error instanceof Mishap) return null
    throw error
  }
}
