/**
 * Quassel core, protocol probing (Quassel wiki, "Protocol negotiation"):
 *
 *   request  => U32 0x42b33f00 | features(1 encryption, 2 compression), U32 protocol..., the last with bit 31 set
 *   response => U32 (features << 24 | protocol features << 8 | protocol)      protocol 1 legacy, 2 datastream
 */
import { Reader } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const quassel: Protocol = {
  name: 'quassel',
  transport: 'tcp',
  ports: [4242],
  opens: 'client',
  recognise,
  identify,
}

/** Four small bytes prove nothing alone; asked for, in the answer to our magic, they do. */
function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length !== 4) return null
  const word = new Reader(bytes).u32()
  const [protocol, features] = [word & 0xff, word >>> 24]
  if ((protocol !== 1 && protocol !== 2) || features > 3 || ((word >>> 8) & 0xffff) > 0xff) return null
  return service('quassel', {
    product: 'Quassel core',
    vendor: 'Quassel IRC',
    info: protocol === 2 ? 'datastream protocol' : 'legacy protocol',
    confidence: 0.6,
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Uint8Array.of(0x42, 0xb3, 0x3f, 0, 0, 0, 0, 1, 0x80, 0, 0, 2))
  const found = recognise(await session.read(4))
  return found && { ...found, confidence: 0.9 }
}
