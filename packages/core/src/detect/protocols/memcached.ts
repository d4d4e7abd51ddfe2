/**
 * memcached (doc/protocol.txt): `version` CRLF => `VERSION ` version CRLF. Where text is switched off the connection
 * ends, and the binary question (doc/protocol-binary.txt) is tried.
 */
import { attempt } from '../ask.ts'
import { memcachedBinaryVersion, parseMemcachedBinary, recogniseMemcachedText } from '../memcached-version.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

const BINARY_RESPONSE = 0x81

export const memcached: Protocol = {
  name: 'memcached',
  transport: 'tcp',
  ports: [11211],
  opens: 'client',
  recognise: recogniseMemcachedText,
  identify,
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('version\r\n'))
  const text = await session.readUntil((soFar) => soFar.includes(10) || soFar[0] === BINARY_RESPONSE)
  const found = recogniseMemcachedText(text)
  // Something that answered in its own words will not understand the binary question either.
  if (found || text.length > 0) return found
  return attempt(async () => {
    await session.reopen()
    await session.write(memcachedBinaryVersion(session.token))
    return parseMemcachedBinary(await session.read(24), session.token)
  })
}
