/**
 * Deluge's remote procedure calls, always inside TLS (Deluge source documentation, "DelugeRPC protocol", version 1):
 *
 *   message  => U8 1, U32 length, zlib of rencode
 *   request  => [[id, "daemon.info", [], {}]]           answered without a login
 *   response => [1, id, version]
 *
 * rencode: 0xc0+n a list of n, 0x80+n a string of n, 0..43 a small number, 0x66 an empty mapping.
 */
import { deflateSync, inflateSync } from 'node:zlib'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const deluge: Protocol = {
  name: 'deluge',
  transport: 'tcp',
  ports: [58846],
  opens: 'client',
  insideTls: 'only',
  recognise,
  identify,
}

const METHOD = 'daemon.info'
const ANSWER_CAP = 1024

function recognise(bytes: Uint8Array): Service | null {
  const body = orNull(() => {
    const reader = new Reader(bytes)
    return reader.u8() === 1 ? unpack(reader.take(reader.u32(), ANSWER_CAP)) : null
  })
  if (body === null) return null
  // A response (1), or an error (2): either way it is this protocol.
  const [, kind, version = null] =
    /^[\xc3-\xc7]([\x01\x02])[\x00-\x2b](?:[\x80-\xbf](\d[\w.+-]{0,40}))?/.exec(body) ?? []
  if (kind === undefined) return null
  return service('deluge', {
    product: 'Deluge',
    vendor: 'Deluge',
    version,
    cpe: [cpe('a', 'deluge-torrent', 'deluge', version)],
  })
}

function unpack(data: Uint8Array): string | null {
  try {
    return latin1(inflateSync(data, { maxOutputLength: ANSWER_CAP }))
  } catch {
    return null
  }
}

async function identify(session: Session): Promise<Service | null> {
  const call = new Writer()
    .bytes([0xc1, 0xc4, 1, 0x80 + METHOD.length])
    .latin1(METHOD)
    .bytes([0xc0, 0x66])
    .finish()
  const packed = deflateSync(call)
  await session.write(new Writer().u8(1).u32(packed.length).bytes(packed).finish())
  return understood(session, recognise)
}
