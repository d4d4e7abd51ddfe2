/**
 * NAT port mapping protocol (RFC 6886 section 3.2) and its successor (RFC 6887), which share a port:
 *
 *   address answer = 0(1) 128(1) result(2) epoch(4) address(4)
 *   a server of the successor alone answers with version 2 and result 1, "unsupported version"
 */
import { natPmp as question } from '#core/probe/udp/port-mapping.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const [RESPONSE, LAST_RESULT] = [0x80, 13]
/**
 * RFC 6886: the answer to an address request is twelve bytes, also where there is no address (MiniUPnPd does so), a refusal
 * of the version eight; RFC 6887: 24 and more, in steps of four.
 */
const [ANSWER, REFUSAL, PCP_HEADER] = [12, 8, 24]

export const natPmp: Protocol = {
  name: 'nat-pmp',
  transport: 'udp',
  ports: [5351],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const [version, operation, result] = [reader.u8(), reader.u8(), reader.u16()]
    if (operation !== RESPONSE || version > 2) return null
    if (version === 2) {
      const pcp =
        bytes.length >= PCP_HEADER && bytes.length % 4 === 0 && bytes.length <= 1100 && (result & 255) <= LAST_RESULT
      return pcp ? service('pcp', { device: 'router', info: 'PCP', confidence: 0.9 }) : null
    }
    if (result > 5 || (bytes.length !== ANSWER && (result === 0 || bytes.length !== REFUSAL))) return null
    const epoch = reader.u32()
    const address = result === 0 ? reader.take(4).join('.') : null
    return service('nat-pmp', {
      device: 'router',
      confidence: 0.9,
      facts: { epoch, ...(address ? { externalAddress: address } : {}) },
    })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
