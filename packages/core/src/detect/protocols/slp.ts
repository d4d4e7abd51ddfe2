/**
 * Service location protocol, version 2 (RFC 2608 sections 8 and 10.2):
 *
 *   header = 2(1) function(1) length(3) flags(2) next(3) transaction(2) language(length 2, text)
 *   service type reply (10) = error(2) types(length 2, text)
 */
import { slp as question } from '#core/probe/udp/slp.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [VERSION, TYPE_REPLY] = [2, 10]
const TYPES_CAP = 32

export const slp: Protocol = { name: 'slp', transport: 'udp', ports: [427], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== VERSION || reader.u8() !== TYPE_REPLY || reader.u24() !== bytes.length) return null
    reader.skip(7)
    if (!/^[a-z]{2,3}(?:-[A-Za-z]{2})?$/.test(latin1(reader.take(reader.u16(), 16)))) return null
    const error = reader.u16()
    const types =
      error === 0
        ? latin1(reader.take(reader.u16(), 4096))
            .split(',', TYPES_CAP)
            .map((type) => clean(type))
            .filter(Boolean)
        : []
    const vmware = types.some((type) => /VMware/i.test(type))
    return service('svrloc', {
      product: vmware ? 'VMware ESXi SLP' : null,
      vendor: vmware ? 'VMware' : null,
      facts: { types, ...(error ? { error } : {}) },
    })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
