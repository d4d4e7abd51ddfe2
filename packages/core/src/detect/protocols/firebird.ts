/**
 * Firebird and InterBase wire protocol (Firebird documentation, "Wire protocol"; XDR, big-endian):
 *
 *   op_connect(1): operation(4)=19 3(4) architecture(4)=1 path(string) versions(4) user-data(string)
 *                  (version(4) architecture(4) minimum(4) maximum(4) weight(4))*
 *   op_accept(3):       version(4) architecture(4) type(4)
 *   op_accept_data(94), op_cond_accept(98): the same, then data(string) plugin(string) authenticated(4) keys(string)
 *   op_reject(4)
 *   op_response(9):     object(4) blob(8) data(string) status-vector       when the server cannot even begin
 *   string = length(4) bytes padding to four
 */

import { readOpaque } from '#core/wire/onc-rpc.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [CONNECT, ATTACH, ACCEPT, REJECT, RESPONSE, ACCEPT_DATA, COND_ACCEPT] = [1, 19, 3, 4, 9, 94, 98]
const GENERIC = 1
/** Since version 2.1 the top bit marks Firebird's own protocols. */
const FIREBIRD = 0x8000
const VERSIONS = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
/** The first release that speaks each protocol version. */
const RELEASES: Readonly<Record<number, string>> = {
  10: '1.0 to 2.0',
  11: '2.1',
  12: '2.5',
  13: '3.0',
  14: '3.0.1',
  15: '3.0.2',
  16: '4.0',
  17: '4.0.1',
  18: '5.0',
  19: '5.0.2',
}

/** What version 3 and later want to hear: type(1) length(1) value; login(9), plugin(8), plugins(10), encryption(11) enabled. */
const USER_DATA = Buffer.from('\x09\x08portolan\x08\x03Srp\x0a\x03Srp\x0b\x04\x01\0\0\0', 'latin1')

export const firebird: Protocol = {
  name: 'firebird',
  transport: 'tcp',
  ports: [3050],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const accepted = parseFirebird(bytes)
  if (!accepted) return null
  const release = accepted.version === null ? null : RELEASES[accepted.version]
  const facts = {
    ...(accepted.version === null ? {} : { protocol: accepted.version }),
    ...(accepted.plugin ? { plugin: accepted.plugin } : {}),
  }
  // InterBase knows neither the newer protocols nor an error this early.
  const isFirebird = accepted.version === null || accepted.version > 10
  return service('firebird', {
    product: isFirebird ? 'Firebird' : 'Firebird or InterBase',
    vendor: 'Firebird',
    info: release ? `protocol of release ${release} or later` : null,
    cpe: isFirebird ? [cpe('a', 'firebirdsql', 'firebird')] : [],
    facts,
  })
}

async function identify(session: Session): Promise<Service | null> {
  const path = Buffer.from('portolan')
  const writer = new Writer().u32(CONNECT).u32(ATTACH).u32(3).u32(GENERIC).u32(path.length).bytes(path)
  writer
    .u32(VERSIONS.length)
    .u32(USER_DATA.length)
    .bytes(USER_DATA)
    .zeros((4 - (USER_DATA.length % 4)) % 4)
  VERSIONS.forEach((version, i) => {
    writer
      .u32(version > 10 ? FIREBIRD | version : version)
      .u32(GENERIC)
      .u32(2)
      .u32(5)
      .u32(i + 1)
  })
  await session.write(writer.finish())
  return recognise(await session.readUntil((soFar) => soFar.length >= 16 || parseFirebird(soFar) !== null))
}

export function parseFirebird(
  bytes: Uint8Array,
): { readonly version: number | null; readonly plugin: string | null } | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const operation = reader.u32()
    if (operation === RESPONSE) return isErrorResponse(reader) ? { version: null, plugin: null } : null
    // A bare rejection is four bytes; anything could end so.
    if (operation === REJECT || ![ACCEPT, ACCEPT_DATA, COND_ACCEPT].includes(operation)) return null
    const word = reader.u32()
    const version = word & 0xfff
    const own = (word & 0xffff) >>> 15 === 1
    if (version < 8 || version > 40 || own !== version > 10 || reader.u32() !== GENERIC || (reader.u32() & 0xff) > 5)
      return null
    if (operation === ACCEPT) return { version, plugin: null }
    const plugin = orNull(() => {
      readOpaque(reader, 4096)
      return clean(latin1(readOpaque(reader, 256)))
    })
    return { version, plugin: plugin || null }
  })
}

/** object(4) blob(8) data(string), all empty, then a status vector: 1(4) and an error of the engine's own facility. */
function isErrorResponse(reader: Reader): boolean {
  return reader.u64() === 0n && reader.u64() === 0n && reader.u32() === 1 && reader.u32() >>> 16 === 0x1400
}
