/**
 * owserver, one-wire buses over TCP (https://owfs.org/index.php?page=owserver-message-types):
 *
 *   message => I32 version, I32 payload length, I32 type (to) or result (from), U32 flags, I32 size, I32 offset, payload
 *   DIRALL (7) of "/" is answered by the devices' paths, separated by commas
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const owserver: Protocol = {
  name: 'owserver',
  transport: 'tcp',
  ports: [4304],
  opens: 'client',
  recognise,
  identify,
}

const HEADER = 24
const DIRALL = 7
/** Replies go to owserver clients: persistence off, temperatures in Celsius, format f.i, "owserver protocol" set. */
const FLAGS = 0x00000106
/** A bus has tens of devices, each path some twenty bytes. */
const PAYLOAD_CAP = 8192
const LISTING = /^\/[0-9A-Za-z_.]+(?:\/[0-9A-Za-z_.]*)*(?:,\/[0-9A-Za-z_.]+(?:\/[0-9A-Za-z_.]*)*)*\0?$/

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const [version, length, result] = [reader.u32(), reader.u32(), reader.u32()]
    reader.skip(HEADER - 12)
    if (version !== 0 || result !== 0 || length < 4 || length > PAYLOAD_CAP || reader.remaining < length) return null
    const listing = latin1(reader.take(length, PAYLOAD_CAP))
    return LISTING.test(listing) ? service('owserver', { product: 'OWFS owserver', vendor: 'OWFS' }) : null
  })
}

async function identify(session: Session): Promise<Service | null> {
  const question = new Writer().u32(0).u32(2).u32(DIRALL).u32(FLAGS).u32(0).u32(0).latin1('/\0').finish()
  await session.write(question)
  return understood(session, recognise)
}
