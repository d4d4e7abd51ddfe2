/**
 * Link-local multicast name resolution over TCP (RFC 4795 section 2.4: directed questions go there, not over UDP):
 *
 *   question => length(2) header(12) the address backwards, PTR
 *   header    = id(2) response(1 bit) opcode(4) conflict(1) truncated(1) tentative(1) zero(4) rcode(4) counts
 *   answer   => the name of the host: one label, no zone (section 2.1.1)
 */
import { DNS_CLASS, DNS_TYPE, dnsQuery, parseDns } from '#core/wire/dns.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { cleanOrNull } from '../text.ts'

/** The bits of the flags that mean something else in DNS, or nothing: recursion available and the reserved ones. */
const ZERO_BITS = 0x00f0

export const llmnr: Protocol = { name: 'llmnr', transport: 'tcp', ports: [5355], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const message = orNull(() => {
    const reader = new Reader(bytes)
    return reader.take(reader.u16())
  })
  const answer = message && parseDns(message)
  if (!answer?.response || answer.rcode !== 0 || answer.questions[0]?.type !== DNS_TYPE.ptr) return null
  if ((new Reader(message!, 2).u16() & ZERO_BITS) !== 0) return null
  const pointer = answer.answers.find((record) => record.type === DNS_TYPE.ptr)
  return pointer?.target && !pointer.target.includes('.')
    ? service('llmnr', { hostname: cleanOrNull(pointer.target) })
    : null
}

async function identify(session: Session): Promise<Service | null> {
  if (session.address.includes(':')) return null
  const name = `${session.address.split('.').reverse().join('.')}.in-addr.arpa`
  const query = dnsQuery(session.token & 0xffff, { name, type: DNS_TYPE.ptr, class: DNS_CLASS.in })
  await session.write(new Writer().u16(query.length).bytes(query).finish())
  return understood(session, recognise)
}
