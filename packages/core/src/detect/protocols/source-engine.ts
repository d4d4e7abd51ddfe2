/**
 * Source engine server query (Valve developer wiki, "A2S_INFO"):
 *
 *   answer    => -1 "I" protocol name\0 map\0 folder\0 game\0 U16le id players maximum bots type os private vac version\0 ...
 *   challenge => -1 "A" U32               the question must be repeated with it
 */
import { sourceEngine as question } from '#core/probe/udp/source-engine.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const sourceEngine: Protocol = {
  name: 'source-engine',
  transport: 'udp',
  ports: question.ports,
  opens: 'client',
  recognise,
  identify,
}

const CHALLENGE = 0x41
const INFO = 0x49
const SYSTEMS: Readonly<Record<string, string>> = { l: 'Linux', w: 'Windows', m: 'macOS', o: 'macOS' }

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u32() !== 0xffffffff) return null
    const type = reader.u8()
    if (type === CHALLENGE) return reader.remaining === 4 ? service('source-engine', { confidence: 0.9 }) : null
    if (type !== INFO) return null
    reader.skip(1)
    const [name, map, , game] = [reader.cstring(256), reader.cstring(256), reader.cstring(256), reader.cstring(256)]
    reader.skip(2)
    const [players, maximum] = [reader.u8(), reader.u8()]
    reader.skip(2)
    const os = SYSTEMS[String.fromCharCode(reader.u8())] ?? null
    reader.skip(2)
    const version = clean(reader.cstring(64)) || null
    return service('source-engine', {
      product: clean(game ?? '') || null,
      version,
      os,
      info: clean(`${name}, map ${map}, ${players} of ${maximum} players`),
    })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  if (reply === null || reply[4] !== CHALLENGE) return reply && recognise(reply)
  await session.write(Buffer.concat([question.datagram(session.token), reply.subarray(5)]))
  return recognise(await session.read()) ?? recognise(reply)
}
