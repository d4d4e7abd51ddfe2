/**
 * Does this server open tunnels for its clients (RFC 9110 section 9.3.6, CONNECT)? It is asked for one to a name that
 * cannot exist (RFC 6761 section 6.4), so nothing is ever connected to: who tries says so in the answer.
 *
 *   407                  wants a password first
 *   502, 503, 504        looked for the name in vain
 *   200 "... established" opens a tunnel before it looks
 */
import { askAnew } from './http-request.ts'
import type { Session } from './protocol.ts'

const TRIED = new Set([407, 502, 503, 504])

/** On a connection of its own. `status`: what it says to an ordinary request; the same to both tells nothing. */
export async function tunnels(session: Session, status: number): Promise<boolean> {
  const name = `${session.client.name.toLowerCase()}.invalid`
  const answer = await askAnew(session, { method: 'CONNECT', path: `${name}:443` })
  if (answer === null || answer.status === status) return false
  return TRIED.has(answer.status) || (answer.status === 200 && /establish/i.test(answer.reason))
}
