/**
 * Neo4j Bolt (https://neo4j.com/docs/bolt/current/bolt/handshake):
 *
 *   handshake => 0x6060b017 and four versions(4 each), answered with the one chosen, or zeros
 *   chunk     = length(2) bytes, closed by 0(2); a message is a PackStream structure
 *   HELLO (0xb1 0x01) => SUCCESS (0xb1 0x70) { "server": "Neo4j/5.12.0", ... } or FAILURE (0xb1 0x7f)
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

/** 5.4 down to 5.1 (greets before it asks who we are), 4.4 down to 4.2, 4.1, 3. */
const HANDSHAKE = Uint8Array.of(0x60, 0x60, 0xb0, 0x17, 0, 3, 4, 5, 0, 2, 4, 4, 0, 0, 1, 4, 0, 0, 0, 3)
const [HELLO, SUCCESS] = [0x01, 0x70]

export const bolt: Protocol = { name: 'bolt', transport: 'tcp', ports: [7687], opens: 'client', recognise, identify }

/** Version and zeros are too little to go by; the message after them is what recognises. */
function recognise(bytes: Uint8Array): Service | null {
  const version = orNull(() => parseVersion(bytes))
  const server = serverOf(bytes.subarray(4))
  return version !== null && server !== null ? describe(version, server) : null
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(HANDSHAKE)
  const chosen = await session.read(4)
  const version = chosen.length === 4 ? parseVersion(chosen) : null
  if (version === null) return null
  const answer = await attempt(async () => {
    await session.write(hello(`${session.client.name}/1.0`))
    return session.readUntil((soFar) => soFar.length > 4 && soFar.at(-1) === 0 && soFar.at(-2) === 0)
  })
  // The answer to HELLO, whichever it is, proves that four bytes were no accident.
  return answer && /^..\xb1[\x70\x7f]/s.test(latin1(answer.subarray(0, 4))) ? describe(version, serverOf(answer)) : null
}

/** 0 range(1) minor(1) major(1): one of those we offered. */
function parseVersion(bytes: Uint8Array): string | null {
  const [zero, range, minor = 99, major = 0] = bytes
  if (zero !== 0 || range !== 0 || minor > 8 || major < 3 || major > 5) return null
  return `${major}.${minor}`
}

/** A map of tiny strings: 0xa0+n entries, 0x80+n bytes of text. */
function hello(agent: string): Uint8Array {
  const message = new Writer().u8(0xb1).u8(HELLO).u8(0xa2)
  const pairs = [
    ['user_agent', agent.slice(0, 15)],
    ['scheme', 'none'],
  ] as const
  for (const [key, value] of pairs)
    message
      .u8(0x80 + key.length)
      .latin1(key)
      .u8(0x80 + value.length)
      .latin1(value)
  return new Writer().u16(message.length).bytes(message.finish()).u16(0).finish()
}

/** The value of "server" in a SUCCESS message: a tiny string, or one with a length byte (0xd0). */
function serverOf(bytes: Uint8Array): string | null {
  const text = latin1(bytes.subarray(0, 2048))
  if (text.charCodeAt(2) !== 0xb1 || text.charCodeAt(3) !== SUCCESS) return null
  const at = text.indexOf('\x86server')
  if (at < 0) return null
  return orNull(() => {
    const reader = new Reader(bytes, at + 7)
    const type = reader.u8()
    const length = type === 0xd0 ? reader.u8() : type >= 0x80 && type < 0x90 ? type - 0x80 : 0
    return length > 0 ? clean(reader.take(length)) : null
  })
}

function describe(protocol: string, server: string | null): Service {
  const memgraph = /Memgraph/i.test(server ?? '')
  const version = memgraph ? null : (/^Neo4j\/v?(\d[\w.+-]*)/.exec(server ?? '')?.[1] ?? null)
  const product = memgraph
    ? { product: 'Memgraph', vendor: 'Memgraph' }
    : { product: 'Neo4j', vendor: 'Neo4j', version, cpe: [cpe('a', 'neo4j', 'neo4j', version)] }
  return service('bolt', { ...product, info: `Bolt ${protocol}`, facts: { protocol, ...(server ? { server } : {}) } })
}
