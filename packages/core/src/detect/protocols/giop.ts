/**
 * GIOP, the protocol of CORBA (CORBA 3.3 part 2, section 9.4); the header's last bit of flags is the byte order.
 *
 *   message       => "GIOP" U8 major, U8 minor, U8 flags, U8 type, U32 size, body
 *   LocateRequest => type 3: U32 request id, U32 length, object key     LocateReply: type 4: U32 request id, U32 status
 */
import { Reader } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { startsWith } from '../text.ts'

const HEAD = 12
const KEY = 'NameService'
const [LOCATE_REPLY, CLOSE, ERROR] = [4, 5, 6]

export const giop: Protocol = {
  name: 'giop',
  transport: 'tcp',
  ports: [683, 684, 1050, 2809],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length < HEAD || !startsWith(bytes, 'GIOP')) return null
  const [major, minor, type] = [bytes[4] ?? 0, bytes[5] ?? 0, bytes[7] ?? 255]
  if (major !== 1 || minor > 3 || (type !== LOCATE_REPLY && type !== CLOSE && type !== ERROR)) return null
  return service('giop', { info: `CORBA, GIOP ${major}.${minor}`, confidence: 0.95 })
}

async function identify(session: Session): Promise<Service | null> {
  const question = Buffer.alloc(HEAD + 8 + KEY.length)
  question.write('GIOP\x01\x00\x00\x03', 'latin1')
  question.writeUInt32BE(8 + KEY.length, 8)
  question.writeUInt32BE(session.token, HEAD)
  question.writeUInt32BE(KEY.length, HEAD + 4)
  question.write(KEY, HEAD + 8)
  await session.write(question)
  const answer = await session.read(HEAD)
  const found = recognise(answer)
  if (found === null || answer.length < HEAD + 8 || answer[7] !== LOCATE_REPLY) return found
  const reader = new Reader(answer, HEAD)
  const littleEndian = ((answer[6] ?? 0) & 1) === 1
  const [id, status] = littleEndian ? [reader.u32le(), reader.u32le()] : [reader.u32(), reader.u32()]
  if (id !== session.token) return found
  return { ...found, confidence: 1, facts: { nameService: status === 1 } }
}
