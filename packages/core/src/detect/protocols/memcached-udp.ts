/** memcached over UDP (doc/protocol.txt): id(2) sequence(2) datagrams(2) reserved(2), then an answer of the text protocol. */
import { memcached } from '#core/probe/udp/memcached.ts'
import { Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import { recogniseMemcachedText } from '../memcached-version.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

const HEADER = 8

export const memcachedUdp: Protocol = {
  name: 'memcached-udp',
  transport: 'udp',
  ports: [11211],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length <= HEADER || new Reader(bytes, 6).u16() !== 0) return null
  return recogniseMemcachedText(bytes.subarray(HEADER))
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, memcached)
  return reply && recognise(reply)
}
