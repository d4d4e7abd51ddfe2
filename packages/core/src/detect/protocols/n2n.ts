/**
 * n2n version 1, supernodes (n2n source, n2n.h):
 *
 *   packet => version(1)=1 type(1) hops(1) from-supernode(1) community(16) source(6) destination(6) addresses(42) ...
 *   type 1 (register) is answered by type 4, with what it held
 */
import { n2n as question } from '#core/probe/udp/overlay-networks.ts'
import { latin1 } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const n2n: Protocol = {
  name: 'n2n',
  transport: 'udp',
  ports: question.ports,
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  if (!question.answers?.(bytes, 0) || bytes.length > 128 || bytes[3] !== 1) return null
  const community = latin1(bytes.subarray(4, 20))
  if (!/^[ -~]{1,16}\0*$/.test(community)) return null
  const facts = { community: clean(community) }
  return service('n2n', { product: 'n2n supernode', vendor: 'ntop', info: 'version 1', confidence: 0.9, facts })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
