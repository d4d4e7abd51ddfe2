/**
 * TACACS+ (RFC 8907 section 4.1):
 *
 *   packet = version(1)=0xc0|minor type(1) sequence(1) flags(1) session(4) length(4) body
 *
 * The body is scrambled with a shared key, but a server answers a start (sequence 1) with sequence 2 and our session id
 * even when it cannot make sense of it.
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [AUTHENTICATION, UNENCRYPTED] = [1, 1]
/** Bodies of replies are some dozens of bytes; RFC 8907 section 4.1 allows any length. */
const BODY_CAP = 4096
const [LOGIN, ASCII] = [1, 1]

export const tacacs: Protocol = { name: 'tacacs', transport: 'tcp', ports: [49], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const reply = parseTacacs(bytes)
  if (!reply) return null
  const facts = { encrypted: reply.encrypted, ...(reply.message ? { message: reply.message } : {}) }
  return service('tacacs', { info: 'TACACS+', confidence: 0.9, facts })
}

async function identify(session: Session): Promise<Service | null> {
  // Authentication start (section 5.1): action, privilege, type, service, then four lengths and an empty user.
  const body = new Writer().u8(LOGIN).u8(0).u8(ASCII).u8(LOGIN).zeros(4).finish()
  const header = new Writer().u8(0xc0).u8(AUTHENTICATION).u8(1).u8(UNENCRYPTED).u32(session.token).u32(body.length)
  await session.write(header.bytes(body).finish())
  const reply = await session.readUntil((soFar) => parseTacacs(soFar) !== null)
  return parseTacacs(reply)?.session === session.token ? recognise(reply) : null
}

export interface TacacsReply {
  readonly session: number
  readonly encrypted: boolean
  readonly message: string | null
}

export function parseTacacs(bytes: Uint8Array): TacacsReply | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if ((reader.u8() & 0xfe) !== 0xc0) return null
    const type = reader.u8()
    const sequence = reader.u8()
    const flags = reader.u8()
    const session = reader.u32()
    const body = reader.take(reader.u32(), BODY_CAP)
    if (type < 1 || type > 3 || sequence !== 2 || flags & ~5 || reader.remaining > 0 || body.length < 6) return null
    const encrypted = (flags & UNENCRYPTED) === 0
    return { session, encrypted, message: encrypted ? null : messageOf(body) }
  })
}

/** status(1) flags(1) message-length(2) data-length(2) message data (section 5.2) */
function messageOf(body: Uint8Array): string | null {
  return orNull(() => {
    const reader = new Reader(body, 2)
    const length = reader.u16()
    reader.skip(2)
    return clean(reader.take(length)) || null
  })
}
