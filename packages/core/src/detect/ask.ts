/** What nearly every UDP module does: put the question of the protocol, wait for the datagram that answers it. */
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

/** A further question, whose failure does not undo what is known already: a mishap becomes null. */
export async function attempt<T>(talk: () => Promise<T>): Promise<T | null> {
  try {
    return await talk()
  } catch (error) {
    if (error instanceof Mishap) return null
    throw error
  }
}
