/**
 * Sphinx search and its successor Manticore, native protocol (searchd, API of release 2.x); numbers are big-endian.
 *
 *   greeting => 1(u32)
 *   client   => 1(u32) command(u16, 5: status) version(u16) length(u32, 4) 1(u32)
 *   server   => status(u16) version(u16) length(u32) rows(u32) columns(u32, 2) *(length(u32) text)    "uptime" comes first
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const sphinx: Protocol = {
  name: 'sphinx',
  transport: 'tcp',
  ports: [9312],
  opens: 'server',
  recognise,
  identify,
}

const GREETING = Uint8Array.of(0, 0, 0, 1)
const STATUS = Uint8Array.of(0, 0, 0, 1, 0, 5, 1, 0, 0, 0, 0, 4, 0, 0, 0, 1)
const FIRST_ROW = /^\0[\0-\x03][\s\S]{6}[\s\S]{4}\0\0\0\x02\0\0\0\x06uptime\0\0\0/

function recognise(bytes: Uint8Array): Service | null {
  if (FIRST_ROW.test(latin1(bytes.subarray(0, 64)))) return service('sphinx', { product: 'Sphinx' })
  return Buffer.from(bytes).equals(GREETING) ? service('sphinx', { product: 'Sphinx', confidence: 0.7 }) : null
}

/** Four bytes prove nothing; the status, which nobody needs a password for, does. */
async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  if (recognise(greeting) === null) return null
  await session.write(STATUS)
  const answer = await session.readUntil((soFar) => soFar.length >= 64)
  return FIRST_ROW.test(latin1(answer.subarray(0, 64))) ? recognise(answer) : null
}
