/**
 * RTMP handshake (Adobe RTMP 1.0, section 5.2):
 *
 *   C0 => 3            C1 => U32 time, U32 0, 1528 bytes
 *   S0 => 3            S1 => U32 time, U32 version, 1528 bytes         S2 => echo of C1
 */
import { Writer } from '#core/wire/writer.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const rtmp: Protocol = {
  name: 'rtmp',
  transport: 'tcp',
  ports: [1935],
  opens: 'client',
  recognise: () => null,
  identify,
}

const CHUNK = 1536
const VERSION = 3

/** The echo of our own random bytes in S2 is the proof; without it 1,537 bytes could be anything. */
async function identify(session: Session): Promise<Service | null> {
  const c1 = new Writer().u32(0).u32(0)
  for (let i = 8; i < CHUNK; i++) c1.u8((session.token >>> ((i & 3) * 8)) & 255)
  const question = c1.finish()
  await session.write(Buffer.concat([Uint8Array.of(VERSION), question]))
  const answer = await session.readUntil((soFar) => soFar.length >= 1 + 2 * CHUNK || soFar[0] !== VERSION)
  if (answer[0] !== VERSION || answer.length < 1 + CHUNK + 64) return null
  const echoed = Buffer.from(answer.subarray(1 + CHUNK + 8, 1 + CHUNK + 64))
  if (!echoed.equals(question.subarray(8, 64))) return null
  const version = answer.subarray(5, 9)
  return service('rtmp', { info: version.some((b) => b > 0) ? `server version ${version.join('.')}` : null })
}
