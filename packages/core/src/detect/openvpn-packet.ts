/**
 * OpenVPN's control channel (OpenVPN wire protocol, draft of the project):
 *
 *   packet = opcode(5 bits) key(3 bits) session(8) acknowledged(1) (packet-id(4))* [remote-session(8)] packet-id(4)
 *   client reset (7) => server reset (8), which acknowledges our packet 0 and repeats our session id
 *
 * Over TCP each packet is preceded by its length(2). Servers with tls-auth or tls-crypt say nothing to strangers.
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { cpe } from './cpe.ts'
import type { Service } from './protocol.ts'
import { service } from './service.ts'

const SERVER_RESET_2 = 8
const CONTROL = new Set([4, SERVER_RESET_2])
const ACKNOWLEDGED_CAP = 8

/** A server's reset with its acknowledgement, or null. */
export function openvpnService(packet: Uint8Array): Service | null {
  const found = orNull(() => {
    const reader = new Reader(packet)
    const first = reader.u8()
    if (!CONTROL.has(first >> 3) || reader.u64() === 0n) return null
    const acknowledged = reader.u8()
    if (acknowledged === 0 || acknowledged > ACKNOWLEDGED_CAP) return null
    for (let i = 0; i < acknowledged; i++) if (reader.u32() !== 0) return null
    if (reader.u64() === 0n || reader.u32() > 1) return null
    return first >> 3 === SERVER_RESET_2 && reader.remaining < 32
  })
  return found
    ? service('openvpn', { product: 'OpenVPN', vendor: 'OpenVPN', cpe: [cpe('a', 'openvpn', 'openvpn')] })
    : null
}
