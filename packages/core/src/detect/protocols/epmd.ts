/**
 * Erlang port mapper daemon (Erlang "Distribution Protocol" guide, EPMD protocol): which nodes run here, and where?
 *
 *   names    => length(2)=1 110(1)
 *   answer   => port of the daemon(4) ("name " node " at port " port LF)*, then the connection ends
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const NAMES_REQUEST = Uint8Array.of(0, 1, 110)
const ANSWER_CAP = 4096
const NODES_CAP = 32

export const epmd: Protocol = { name: 'epmd', transport: 'tcp', ports: [4369], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const answer = orNull(() => {
    const reader = new Reader(bytes)
    return { port: reader.u32(), text: latin1(reader.rest().subarray(0, ANSWER_CAP)) }
  })
  if (!answer || answer.port === 0 || answer.port > 65_535) return null
  const nodes = [...answer.text.matchAll(/name ([\w.@-]{1,100}) at port (\d{1,5})\n/g)].slice(0, NODES_CAP)
  // Without nodes four bytes are left, which prove nothing.
  if (nodes.length === 0 || !/^name /.test(answer.text)) return null
  return service('epmd', {
    product: 'Erlang Port Mapper Daemon',
    vendor: 'Erlang',
    facts: { nodes: nodes.map(([, name, port]) => `${name}:${port}`) },
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(NAMES_REQUEST)
  return recognise(await session.readUntil(() => false))
}
