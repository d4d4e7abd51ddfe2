/**
 * Ceph messenger (Ceph developer documentation, "msgr2 protocol"):
 *
 *   version 1 => "ceph v027" server-address client-address        an address: type(4) nonce(4) sockaddr(128)
 *   version 2 => "ceph v2" LF length(2, little-endian) supported(8) required(8)
 */

import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { startsWith } from '../text.ts'

export const ceph: Protocol = { name: 'ceph', transport: 'tcp', ports: [6789, 3300, 6800], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const version = startsWith(bytes, 'ceph v027') ? 1 : startsWith(bytes, 'ceph v2\n') ? 2 : null
  if (version === null) return null
  return service('ceph', {
    product: 'Ceph',
    vendor: 'Ceph',
    info: `messenger version ${version}`,
    cpe: [cpe('a', 'linuxfoundation', 'ceph')],
  })
}
