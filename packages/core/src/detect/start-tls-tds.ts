/**
 * TLS of SQL Server, which is spoken inside the protocol ([MS-TDS] section 2.2.6.5): both sides say `encryption on`, then
 * each record travels in a packet of its own kind. No library does that, so it is read by hand, as far as it is in the
 * clear: version, cipher and certificate up to TLS 1.2. Nothing of a login is sent.
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { clientHello, parseServerFlight } from '#core/wire/tls.ts'
import { understood } from './ask.ts'
import type { Session, TlsFacts } from './protocol.ts'
import { parsePrelogin, preloginRequest, tdsPacket } from './protocols/mssql.ts'
import { flightFacts } from './tls-by-hand.ts'

const [ON, NOT_SUPPORTED] = [1, 2]
const PACKETS_CAP = 64
const BYTES_CAP = 65_536

export async function tdsTls(session: Session): Promise<TlsFacts | null> {
  await session.write(preloginRequest(session.token, ON))
  const prelogin = await understood(session, parsePrelogin)
  if (prelogin === null || prelogin.encryption === NOT_SUPPORTED) return null
  const { token, hostname } = session
  await session.write(tdsPacket(clientHello({ version: 0x0303, token, serverName: hostname })))
  const answer = await session.readUntil((soFar) => {
    const flight = parseServerFlight(tdsPayload(soFar))
    return soFar.length > BYTES_CAP || flight?.complete === true
  })
  const flight = parseServerFlight(tdsPayload(answer))
  return flight && flightFacts(flight, hostname)
}

/** What whole packets carry, and what has come of the last. */
export function tdsPayload(bytes: Uint8Array): Uint8Array {
  const reader = new Reader(bytes)
  const parts: Uint8Array[] = []
  orNull(() => {
    while (reader.remaining > 8 && parts.length < PACKETS_CAP) {
      reader.skip(2)
      const length = reader.u16()
      reader.skip(4)
      if (length < 8) break
      parts.push(reader.take(Math.min(length - 8, reader.remaining)))
    }
    return null
  })
  return Buffer.concat(parts)
}
