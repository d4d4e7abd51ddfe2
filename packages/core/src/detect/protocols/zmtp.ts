/**
 * ZeroMQ message transport (ZMTP 3.1, https://rfc.zeromq.org/spec/37), the server sends its half of the greeting at once:
 *
 *   greeting  = 0xff padding(8) 0x7f version(2) mechanism(20) as-server(1) zeros(31)
 *   version 2 = signature(10) revision(1) socket-type(1)      servers wait here for the other side's greeting
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const SIGNATURE = 10
const MECHANISMS = /^(?:NULL|PLAIN|CURVE|GSSAPI)\0+$/
/** Ours: version 3.0, mechanism NULL, a client. */
const GREETING = Buffer.from(`\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL${'\0'.repeat(48)}`, 'latin1')

export const zmtp: Protocol = {
  name: 'zmtp',
  transport: 'tcp',
  ports: [5555, 5556],
  opens: 'server',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  if (bytes[0] !== 0xff || bytes[9] !== 0x7f || bytes.subarray(1, 8).some((byte) => byte !== 0)) return null
  const [major, minor] = [bytes[SIGNATURE] ?? null, bytes[SIGNATURE + 1] ?? 0]
  if (major !== null && (major < 1 || major > 3)) return null
  const mechanism = latin1(bytes.subarray(12, 32))
  if (bytes.length >= 32 && !MECHANISMS.test(mechanism)) return null
  const name = bytes.length >= 32 ? mechanism.replace(/\0+$/, '') : null
  // Ten bytes of signature could still be chance.
  const confidence = name === null ? 0.8 : 1
  const info = major === null ? null : `ZMTP ${major}.${minor}`
  return service('zmtp', {
    product: 'ZeroMQ',
    vendor: 'ZeroMQ',
    info,
    confidence,
    facts: name ? { mechanism: name } : {},
  })
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const found = recognise(greeting)
  if (!found || greeting.length >= 32) return found
  await session.write(GREETING)
  const rest = await session.readUntil((soFar) => greeting.length + soFar.length >= 64)
  return recognise(Buffer.concat([greeting, rest])) ?? found
}
