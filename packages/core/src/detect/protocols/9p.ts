/**
 * 9P (Plan 9 manual, intro(5) and version(5)), numbers little-endian:
 *
 *   message  => U32 size(of all of it), U8 type, U16 tag, body
 *   Tversion => type 100, tag 0xffff, U32 msize, U16 length, version        Rversion: type 101, the same
 *
 * A server that speaks no dialect of ours answers with the version `unknown`.
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const DIALECT = '9P2000.L'
const SIZE = 8192
const HEAD = 13

export const ninep: Protocol = { name: '9p', transport: 'tcp', ports: [564], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length < HEAD || bytes[0] !== bytes.length || bytes[1] || bytes[2] || bytes[3]) return null
  if (bytes[4] !== 101 || bytes[5] !== 0xff || bytes[6] !== 0xff || bytes[11] !== bytes.length - HEAD) return null
  const dialect = latin1(bytes.subarray(HEAD))
  return /^(?:9P\d{4}(?:\.[A-Za-z]{1,8})?|unknown)$/.test(dialect) ? service('9p', { info: dialect }) : null
}

async function identify(session: Session): Promise<Service | null> {
  const question = Buffer.alloc(HEAD + DIALECT.length)
  question.writeUInt32LE(question.length)
  question.writeUInt8(100, 4)
  question.writeUInt16LE(0xffff, 5)
  question.writeUInt32LE(SIZE, 7)
  question.writeUInt16LE(DIALECT.length, 11)
  question.write(DIALECT, HEAD)
  await session.write(question)
  return recognise(await session.read(HEAD))
}
