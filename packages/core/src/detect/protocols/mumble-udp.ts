/**
 * Mumble's ping (Mumble protocol documentation, "UDP ping"):
 *
 *   question => U32 0, U64 ident
 *   answer   => 0 major minor patch, U64 ident, U32 users, U32 maximum users, U32 bandwidth
 */
import { mumble } from '#core/probe/udp/mumble.ts'
import { Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const mumbleUdp: Protocol = {
  name: 'mumble-udp',
  transport: 'udp',
  ports: mumble.ports,
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length !== 24 || bytes[0] !== 0 || bytes[1] !== 1) return null
  const reader = new Reader(bytes, 12)
  const [users, maximum, bandwidth] = [reader.u32(), reader.u32(), reader.u32()]
  // A server has a limit, and nobody sends more than a megabyte of voice a second.
  if (users > maximum || maximum > 1_000_000 || bandwidth < 8000 || bandwidth > 8_000_000) return null
  const version = bytes.subarray(1, 4).join('.')
  return service('mumble', {
    product: 'Murmur',
    vendor: 'Mumble',
    version,
    info: `${users} of ${maximum} users`,
    cpe: [cpe('a', 'mumble', 'mumble', version)],
    confidence: 0.9,
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, mumble)
  const found = reply && recognise(reply)
  return found && { ...found, confidence: 1 }
}
