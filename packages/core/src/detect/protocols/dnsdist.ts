/**
 * The console of dnsdist (dnsdist reference, "Working with the dnsdist Console", and dnsdist-console.cc): each side sends
 * 24 random bytes; what follows is encrypted with a key of the user's, except that an empty message is answered by one.
 *
 *   nonce(24) => nonce(24), then U32 length of each message
 */
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const NONCE = 24
const EMPTY = new Uint8Array(4)

export const dnsdist: Protocol = {
  name: 'dnsdist',
  transport: 'tcp',
  ports: [5199],
  opens: 'client',
  // Random bytes tell nothing.
  recognise: () => null,
  identify,
}

async function identify(session: Session): Promise<Service | null> {
  const nonce = new Writer()
  while (nonce.length < NONCE) nonce.u32(session.token ^ Math.imul(nonce.length + 1, 0x9e3779b1))
  await session.write(nonce.finish())
  const theirs = await session.read(NONCE)
  if (theirs.length !== NONCE || !isRandom(theirs) || nonce.finish().every((byte, i) => theirs[i] === byte)) return null
  await session.write(EMPTY)
  const reply = await attempt(() => session.read(EMPTY.length))
  if (reply === null || reply.length !== EMPTY.length || reply.some((byte) => byte !== 0)) return null
  return service('dnsdist', {
    product: 'dnsdist',
    vendor: 'PowerDNS',
    info: 'console',
    cpe: [cpe('a', 'powerdns', 'dnsdist')],
    confidence: 0.9,
  })
}

/** Of 24 random bytes at least 18 differ, and some are no text, but for one in a million. */
const isRandom = (bytes: Uint8Array): boolean => new Set(bytes).size >= 18 && bytes.some((byte) => byte > 0x7e)
