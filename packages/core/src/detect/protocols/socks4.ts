/**
 * SOCKS 4 (NEC, "SOCKS: A protocol for TCP proxy across firewalls"):
 *
 *   request => 4, 1 (connect), U16 port, 4 address, user NUL
 *   reply   => 0, 90..93, U16 port, 4 address                 eight bytes, no more
 *
 * Asked for port 0 of 0.0.0.1, which is nowhere, a proxy refuses with 91 to 93 and connects to nobody.
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const socks4: Protocol = {
  name: 'socks4',
  transport: 'tcp',
  ports: [1080, 9050],
  opens: 'client',
  insideTls: 'never',
  recognise,
  identify,
}

const REPLY = 8
const [GRANTED, NO_IDENTD] = [90, 93]
const NOWHERE = Uint8Array.of(4, 1, 0, 0, 0, 0, 0, 1, 0)

function recognise(bytes: Uint8Array): Service | null {
  const code = bytes[1] ?? 0
  if (bytes.length !== REPLY || bytes[0] !== 0 || code < GRANTED || code > NO_IDENTD) return null
  // Port and address are zero or our own, so other eight bytes with a small second one do not pass.
  const blank = bytes.subarray(2, 7).every((byte) => byte === 0)
  return blank ? service('socks4', { confidence: 0.9, facts: { code } }) : null
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(NOWHERE)
  return recognise(await session.readUntil((soFar) => soFar.length >= REPLY))
}
