/**
 * X Window System, connection setup (X Protocol, section 8):
 *
 *   request => "l" 0 11le 0le nameLength dataLength 0le                 little-endian, no authorisation
 *   failed  => 0 reasonLength major minor words reason
 *   success => 1 0 major minor words release base mask motion vendorLength maxRequest screens formats ... vendor
 *   authenticate => 2 5*pad words reason
 */

import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

export const x11: Protocol = {
  name: 'x11',
  transport: 'tcp',
  ports: [6000, 6001, 6002, 6003, 6004, 6005],
  opens: 'client',
  recognise,
  identify,
}

/** A vendor string is a line; the specification allows 64 KiB. */
const VENDOR_CAP = 256

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const [status, reasonLength, major, minor] = [reader.u8(), reader.u8(), reader.u16le(), reader.u16le()]
    if (status > 1 || major !== 11 || minor > 1) return null
    const words = reader.u16le()
    if (status === 0) {
      if (reasonLength === 0 || words !== Math.ceil(reasonLength / 4)) return null
      return service('X11', { info: `access denied: ${clean(reader.take(reasonLength))}` })
    }
    if (reasonLength !== 0) return null
    return accepted(reader)
  })
}

function accepted(reader: Reader): Service {
  const release = reader.u32le()
  reader.skip(12)
  const vendorLength = reader.u16le()
  reader.skip(14)
  const vendor = cleanOrNull(reader.take(vendorLength, VENDOR_CAP))
  const xorg = vendor === 'The X.Org Foundation'
  const version = xorg ? xorgVersion(release) : null
  return service('X11', {
    product: xorg ? 'X.Org' : vendor,
    vendor,
    version,
    info: 'open to everyone',
    cpe: xorg ? [cpe('a', 'x.org', 'x_server', version)] : [],
    facts: { release },
  })
}

/** X.Org numbers a release 1 mm pp sss; up to 1.20 that reads 1.mm.pp, from 21 on mm.pp.sss (12101007 is 21.1.7). */
function xorgVersion(release: number): string {
  const [major, minor] = [Math.floor(release / 1e7), Math.floor(release / 1e5) % 100]
  const [patch, snapshot] = [Math.floor(release / 1e3) % 100, release % 1e3]
  return major === 1 && minor >= 21 ? `${minor}.${patch}.${snapshot}` : `${major}.${minor}.${patch}`
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(new Writer().latin1('l').u8(0).u16le(11).u16le(0).u16le(0).u16le(0).u16le(0).finish())
  return recognise(
    await session.readUntil((b) => b.length >= 8 && b.length >= 8 + 4 * ((b[6] ?? 0) + (b[7] ?? 0) * 256)),
  )
}
