/**
 * X Display Manager Control Protocol (XDMCP 1.1, section 4):
 *
 *   packet    => U16 1, U16 opcode, U16 length
 *   Willing   => opcode 5: array authentication, array hostname, array status         array: U16 length, bytes
 *   Unwilling => opcode 6: array hostname, array status
 */
import { xdmcp as question } from '#core/probe/udp/xdmcp.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const xdmcp: Protocol = {
  name: 'xdmcp',
  transport: 'udp',
  ports: question.ports,
  opens: 'client',
  recognise,
  identify,
}

const ARRAY_CAP = 1024

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const [version, opcode, length] = [reader.u16(), reader.u16(), reader.u16()]
    if (version !== 1 || (opcode !== 5 && opcode !== 6) || length !== reader.remaining) return null
    const array = () => clean(reader.take(reader.u16(), ARRAY_CAP))
    if (opcode === 5) array()
    const [hostname, status] = [array(), array()]
    if (reader.remaining > 0) return null
    return service('xdmcp', {
      hostname: hostname || null,
      info: opcode === 5 ? `willing: ${status}` : `unwilling: ${status}`,
    })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
