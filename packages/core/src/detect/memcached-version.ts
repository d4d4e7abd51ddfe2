/** What memcached (https://github.com/memcached/memcached, doc/protocol.txt and protocol-binary.txt) says of itself. */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from './cpe.ts'
import type { Service } from './protocol.ts'
import { service } from './service.ts'
import { upstream } from './version.ts'

const [REQUEST, RESPONSE, VERSION] = [0x80, 0x81, 0x0b]

/** `VERSION 1.6.18`, or an error line that only this protocol has. */
export function recogniseMemcachedText(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 256))
  const version = /^VERSION (?:[A-Za-z]+[ -])?(\d[\w.+~-]{0,60})/.exec(text)?.[1]
  if (version !== undefined) return memcachedService(version)
  return /^CLIENT_ERROR unauthenticated\r\n/.test(text) ? memcachedService(null) : null
}

/** The binary form of the question, for servers that were told to speak that alone (`-B binary`, SASL). */
export function memcachedBinaryVersion(token: number): Uint8Array {
  return new Writer().u8(REQUEST).u8(VERSION).zeros(10).u32(token).zeros(8).finish()
}

/** magic(1) opcode(1) key-length(2) extras-length(1) type(1) status(2) body-length(4) opaque(4) cas(8) body */
export function parseMemcachedBinary(bytes: Uint8Array, token: number): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== RESPONSE || reader.u8() !== VERSION) return null
    reader.skip(4)
    const status = reader.u16()
    const length = reader.u32()
    if (reader.u32() !== token) return null
    reader.skip(8)
    const text = reader.latin1(length, 256)
    return memcachedService(status === 0 && /^\d/.test(text) ? text : null)
  })
}

function memcachedService(text: string | null): Service {
  const version = text === null ? null : upstream(text)
  const id = cpe('a', 'memcached', 'memcached', version)
  return service('memcached', {
    product: 'Memcached',
    vendor: 'Memcached',
    version,
    cpe: [id],
    facts: { authentication: text === null },
  })
}
