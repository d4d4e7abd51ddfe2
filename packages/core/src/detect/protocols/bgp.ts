/**
 * Border gateway protocol (RFC 4271 sections 4.1, 4.2 and 4.5):
 *
 *   message      = marker(16 bytes 0xff) length(2) type(1) body
 *   open (1)         = version(1)=4 as(2) hold(2) id(4) length(1) options
 *   notification (3) = code(1) subcode(1) data        6.5: connection rejected, the usual answer to strangers
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

const [OPEN, NOTIFICATION] = [1, 3]
const MARKER = 16

export const bgp: Protocol = { name: 'bgp', transport: 'tcp', ports: [179], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.take(MARKER).some((byte) => byte !== 0xff)) return null
    const length = reader.u16()
    const type = reader.u8()
    if (length < 19 || length > 4096) return null
    if (type === NOTIFICATION)
      return service('bgp', {
        device: 'router',
        info: 'connection refused',
        facts: { error: `${reader.u8()}.${reader.u8()}` },
      })
    if (type !== OPEN || reader.u8() !== 4) return null
    const system = reader.u16()
    reader.skip(2)
    return service('bgp', {
      device: 'router',
      info: `AS ${system}`,
      facts: { as: system, routerId: reader.take(4).join('.') },
    })
  })
}
