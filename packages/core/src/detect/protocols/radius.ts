/**
 * RADIUS (RFC 2865 section 3):
 *
 *   packet    = code(1) id(1) length(2) authenticator(16) attribute*
 *   attribute = type(1) length(1) value
 *   status-server (12, RFC 5997) => access-accept (2) or accounting-response (5); access-request (1) => reject (3), challenge (11)
 *
 * A server answers those it shares a secret with; the few that answer strangers can be recognised.
 */
import { radius as question } from '#core/probe/udp/radius.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { ask, attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const CODES: Readonly<Record<number, string>> = {
  2: 'Access-Accept',
  3: 'Access-Reject',
  5: 'Accounting-Response',
  11: 'Access-Challenge',
}
const [ACCESS_REQUEST, REPLY_MESSAGE] = [1, 18]
const ATTRIBUTES_CAP = 64

export const radius: Protocol = {
  name: 'radius',
  transport: 'udp',
  ports: [1812, 1813, 1645, 1646],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const packet = parseRadius(bytes)
  const facts = { answer: packet?.code ?? '', ...(packet?.message ? { message: packet.message } : {}) }
  return packet && service('radius', { info: packet.code, confidence: packet.attributes > 0 ? 1 : 0.9, facts })
}

async function identify(session: Session): Promise<Service | null> {
  const status = await attempt(() => ask(session, question))
  if (status) return recognise(status)
  const id = (session.token + 1) & 0xff
  await session.write(accessRequest(id, session.token))
  const reply = await session.read()
  return reply[1] === id ? recognise(reply) : null
}

/** User-Name(1) and User-Password(2), which decrypts to nonsense under any secret. */
function accessRequest(id: number, token: number): Uint8Array {
  const user = 'portolan'
  const writer = new Writer()
    .u8(ACCESS_REQUEST)
    .u8(id)
    .u16(20 + 2 + user.length + 18)
  for (let i = 0; i < 4; i++) writer.u32((token + i) >>> 0)
  writer
    .u8(1)
    .u8(2 + user.length)
    .latin1(user)
    .u8(2)
    .u8(18)
  for (let i = 0; i < 4; i++) writer.u32((token ^ (i * 0x9e3779b9)) >>> 0)
  return writer.finish()
}

export function parseRadius(
  bytes: Uint8Array,
): { readonly code: string; readonly attributes: number; readonly message: string | null } | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const code = CODES[reader.u8()]
    reader.skip(1)
    if (code === undefined || reader.u16() !== bytes.length || bytes.length > 4096) return null
    // A response's authenticator is a hash: sixteen zero bytes are somebody else's padding.
    if (reader.take(16).every((byte) => byte === 0)) return null
    let attributes = 0
    let message: string | null = null
    for (; reader.remaining > 0 && attributes < ATTRIBUTES_CAP; attributes++) {
      const type = reader.u8()
      const value = reader.take(reader.u8() - 2)
      if (type === REPLY_MESSAGE) message = clean(value)
    }
    return { code, attributes, message }
  })
}
