/**
 * VeNCrypt, the TLS of VNC (security type 19, version 0.2; registered with RFC 6143, described by its author and in the
 * RFB specification kept by the community):
 *
 *   version  => U8 major, U8 minor               the server's; the client answers with its own
 *   accepted => U8 0
 *   subtypes => U8 count, count * U32            260 to 262: TLS with a certificate; 257 to 259: without any
 *   choice   => U32 subtype, answered by U8 1    then the handshake
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { Session } from './protocol.ts'
import { securityTypes } from './protocols/vnc.ts'

const VENCRYPT = 19
const WITH_CERTIFICATE: readonly number[] = [260, 261, 262]

/** True when the server waits for the handshake. Stops before any authentication. */
export async function inVnc(session: Session): Promise<boolean> {
  await session.read(12)
  await session.write(Buffer.from('RFB 003.008\n'))
  const types = securityTypes(await session.readUntil((b) => b.length > (b[0] ?? 0)), false)
  if (types?.includes(VENCRYPT) !== true) return false
  await session.write(Uint8Array.of(VENCRYPT))
  await session.read(2)
  await session.write(Uint8Array.of(0, 2))
  const answer = await session.readUntil((b) => b.length > 1 && b.length >= 2 + 4 * (b[1] ?? 0))
  const subtype = withCertificate(answer)
  if (subtype === null) return false
  await session.write(new Writer().u32(subtype).finish())
  return (await session.read(1))[0] === 1
}

/** The first subtype of TLS with a certificate; null when the version was refused or there is none. */
export function withCertificate(answer: Uint8Array): number | null {
  if (answer[0] !== 0 || answer.length < 2) return null
  const reader = new Reader(answer.subarray(2))
  for (let left = answer[1] ?? 0; left > 0 && reader.remaining >= 4; left--) {
    const subtype = reader.u32()
    if (WITH_CERTIFICATE.includes(subtype)) return subtype
  }
  return null
}
