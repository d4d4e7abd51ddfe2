/**
 * Galera's group communication (galera source, gcomm/src/gcomm/datagram.hpp and gmcast_message.hpp): whoever accepts a
 * connection shakes hands first.
 *
 *   datagram  => U32LE (flags << 24 | length), U32LE checksum of (U32LE length, payload), payload
 *                flags 1 CRC-32, 2 CRC-32C
 *   handshake => version(1) 1(1) flags(1) segment(1) node-uuid(16) handshake-uuid(16) ...
 */
import { crc32 } from 'node:zlib'
import { crc32c } from '#core/wire/crc32c.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

const HANDSHAKE = 1
/** A handshake has two identifiers, and little besides. */
const LENGTH_CAP = 1024
const CHECKSUMS = [(bytes: Uint8Array) => crc32(bytes), crc32c]

export const galera: Protocol = { name: 'galera', transport: 'tcp', ports: [4567], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const word = reader.u32le()
    const [length, flags] = [word & 0xffffff, word >>> 24]
    const checksum = reader.u32le()
    if (length < 36 || flags < 1 || flags > 2) return null
    const payload = reader.take(length, LENGTH_CAP)
    if (payload[1] !== HANDSHAKE) return null
    const counted = Buffer.concat([Uint8Array.of(length, length >>> 8, length >>> 16, 0), payload])
    if (CHECKSUMS[flags - 1]?.(counted) !== checksum) return null
    const node = Buffer.from(payload.subarray(4, 20)).toString('hex')
    return service('galera', {
      product: 'Galera Cluster',
      vendor: 'Codership',
      info: `group communication version ${payload[0]}`,
      facts: { node: node.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') },
    })
  })
}
