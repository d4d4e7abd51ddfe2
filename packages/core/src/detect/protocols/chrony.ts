/**
 * chronyd's command protocol (chrony, candm.h):
 *
 *   reply = version(1) 2(1) zeros(2) command(2) reply(2) status(2) zeros(6) sequence(4) zeros(8) data
 *   data of tracking (reply 5): reference-id(4) address(20) stratum(2) leap(2) ...
 *
 * Protocol 6 came with chrony 2.2 and is still spoken; a server of another one says so (status 18) with its version.
 */
import { chrony as question } from '#core/probe/udp/chrony.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const [REPLY, TRACKING_REPLY, TRACKING] = [2, 5, 33]
const HEADER = 28

export const chrony: Protocol = { name: 'chrony', transport: 'udp', ports: [323], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const reply = parseChrony(bytes)
  if (!reply) return null
  const facts = { protocol: reply.version, ...(reply.stratum === null ? {} : { stratum: reply.stratum }) }
  return service('chrony', {
    product: 'chrony',
    vendor: 'chrony',
    info: `protocol ${reply.version}`,
    cpe: [cpe('a', 'tuxfamily', 'chrony')],
    facts,
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}

export function parseChrony(bytes: Uint8Array): { readonly version: number; readonly stratum: number | null } | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const version = reader.u8()
    if (version < 3 || version > 6 || reader.u8() !== REPLY || reader.u16() !== 0) return null
    const [command, reply, status] = [reader.u16(), reader.u16(), reader.u16()]
    // Three words of padding are zero, and so is what follows the sequence number.
    if (command > 100 || reply > 30 || status > 30 || reader.u16() + reader.u16() + reader.u16() !== 0) return null
    reader.skip(4)
    if (reader.u64() !== 0n || bytes.length < HEADER) return null
    if (command !== TRACKING || reply !== TRACKING_REPLY) return { version, stratum: null }
    reader.skip(24)
    return { version, stratum: reader.u16() }
  })
}
