/**
 * Server management controllers: IPMI 2.0 over RMCP (IPMI specification sections 13.1 and 22.13):
 *
 *   packet = 6(1) 0(1) 0xff(1) 7(1) authentication(1)=0 sequence(4) session(4) length(1) message
 *   answer = ... command(1)=0x38 completion(1) channel(1) types(1) status(1) extended(1) vendor(3) data(1) checksum(1)
 */
import { ipmi as question } from '#core/probe/udp/rmcp.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const [RMCP, IPMI_CLASS, CAPABILITIES] = [6, 7, 0x38]
const TYPES = ['none', 'MD2', 'MD5', null, 'password', 'OEM'] as const
const [NULL_USER, ANONYMOUS] = [0x02, 0x01]

export const ipmi: Protocol = { name: 'ipmi', transport: 'udp', ports: [623], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== RMCP || reader.u8() !== 0 || reader.u8() !== 0xff || reader.u8() !== IPMI_CLASS) return null
    reader.skip(reader.u8() === 0 ? 8 : 24)
    const message = new Reader(reader.take(reader.u8()), 5)
    if (message.u8() !== CAPABILITIES || message.u8() !== 0) return null
    message.skip(1)
    const [types, status, extended] = [message.u8(), message.u8(), message.u8()]
    const version = types & 0x80 && extended & 2 ? '2.0' : '1.5'
    const vendor = message.u24le()
    const facts = {
      version,
      authentication: TYPES.filter((name, bit) => name !== null && types & (1 << bit)).map(String),
      anonymous: (status & ANONYMOUS) !== 0,
      emptyUser: (status & NULL_USER) !== 0,
      ...(vendor > 0 ? { vendorId: vendor } : {}),
    }
    return service('asf-rmcp', { info: `IPMI ${version}`, device: 'remote-management', facts })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
