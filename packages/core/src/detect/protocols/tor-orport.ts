/**
 * Tor relays among themselves, inside TLS (Tor specification, "Negotiating and initializing channels"):
 *
 *   cell     => U16 circuit 0, command, U16 length, payload(length)     until the version is settled
 *   VERSIONS => command 7, *(U16 link protocol)
 *
 * Ours is answered by theirs, then by CERTS (129), AUTH_CHALLENGE (130) and NETINFO (8) with circuits of four bytes.
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const torOrport: Protocol = {
  name: 'tor-orport',
  transport: 'tcp',
  ports: [9001, 9002],
  opens: 'client',
  insideTls: 'only',
  recognise,
  identify,
}

const VERSIONS = 7
const OURS = [3, 4, 5]
/** There are five so far. */
const VERSIONS_CAP = 16

function recognise(bytes: Uint8Array): Service | null {
  const versions = parseVersions(bytes)
  return versions === null
    ? null
    : service('tor-orport', {
        product: 'Tor',
        vendor: 'Tor Project',
        info: `link protocols ${versions.join(', ')}`,
        cpe: [cpe('a', 'torproject', 'tor')],
        facts: { linkProtocols: versions },
      })
}

async function identify(session: Session): Promise<Service | null> {
  const cell = new Writer()
    .u16(0)
    .u8(VERSIONS)
    .u16(OURS.length * 2)
  for (const version of OURS) cell.u16(version)
  await session.write(cell.finish())
  return recognise(await session.readUntil((soFar) => parseVersions(soFar) !== null))
}

/** The link protocols of a VERSIONS cell, lowest first. */
export function parseVersions(bytes: Uint8Array): number[] | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u16() !== 0 || reader.u8() !== VERSIONS) return null
    const length = reader.u16()
    if (length === 0 || length % 2 !== 0 || length > VERSIONS_CAP * 2) return null
    const versions = Array.from({ length: length / 2 }, () => reader.u16())
    const rising = versions.every((version, i) => version > (versions[i - 1] ?? 0) && version < 32)
    return rising ? versions : null
  })
}
