/**
 * The Battle for Wesnoth (network handshake, server_base.cpp): the client asks for TLS or not, the server gives the
 * connection a number or refuses TLS, and says in compressed WML that it wants to know the version.
 *
 *   client => %x00000000 (plain) / %x00000001 (TLS)
 *   server => number(u32) length(u32, big-endian) gzip("[version]" LF "[/version]" LF)
 */
import { gunzipSync } from 'node:zlib'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const wesnoth: Protocol = {
  name: 'wesnoth',
  transport: 'tcp',
  ports: [15_000, 14_998, 14_999],
  opens: 'client',
  recognise,
  identify,
}

/** WML of a greeting, packed and not. */
const [PACKED_CAP, TEXT_CAP] = [1024, 4096]

function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length < 10) return null
  const length = Buffer.from(bytes).readUInt32BE(4)
  if (length > PACKED_CAP || bytes.length !== 8 + length || bytes[8] !== 0x1f || bytes[9] !== 0x8b) return null
  return /^\[(?:version|mustlogin|reject|error)\]/.test(unpacked(bytes.subarray(8)))
    ? service('wesnoth', { product: 'Wesnoth', vendor: 'Wesnoth' })
    : null
}

function unpacked(bytes: Uint8Array): string {
  try {
    return gunzipSync(bytes, { maxOutputLength: TEXT_CAP }).toString('latin1')
  } catch {
    return ''
  }
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(new Uint8Array(4))
  const answer = await session.readUntil((b) => b.length >= 8 && b.length >= 8 + Buffer.from(b).readUInt32BE(4))
  return recognise(answer)
}
