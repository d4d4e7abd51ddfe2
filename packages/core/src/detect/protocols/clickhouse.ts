/**
 * ClickHouse native protocol (ClickHouse documentation, "Native protocol"): numbers are LEB128, strings length and bytes.
 *
 *   hello     => 0 name major minor revision database user password
 *   hello     <= 0 name major minor revision [time zone] [display name] [patch]       each since a revision
 *   exception <= 2 code(4) name message ...                                          the default user has a password
 *
 * Those who ask in HTTP are told so, in HTTP.
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { readVarint, writeVarint } from '#core/wire/varint.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

const [HELLO, EXCEPTION] = [0, 2]
/** The revision we claim decides which fields the server sends; this one has the patch level, and nothing newer. */
const REVISION = 54_401
const STRING_CAP = 4096
const TO_BROWSERS = /^HTTP\/1\.0 400 Bad Request\r\n\r\nPort \d{1,5} is for clickhouse-client program\./

export const clickhouse: Protocol = {
  name: 'clickhouse',
  transport: 'tcp',
  ports: [9000, 9440],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  if (TO_BROWSERS.test(latin1(bytes.subarray(0, 100)))) return describe(null, null, null, {})
  return orNull(() => {
    const reader = new Reader(bytes)
    const type = readVarint(reader)
    if (type === HELLO) return fromHello(reader)
    if (type !== EXCEPTION) return null
    const code = reader.u32le()
    return readString(reader) === 'DB::Exception'
      ? describe(null, null, `refused: ${clean(readString(reader), 120)}`, { code })
      : null
  })
}

function fromHello(reader: Reader): Service | null {
  const name = readString(reader)
  if (!/^ClickHouse/.test(name)) return null
  const [major, minor, revision] = [readVarint(reader), readVarint(reader), readVarint(reader)]
  const zone = revision >= 54_058 ? readString(reader) : null
  const display = revision >= 54_372 ? readString(reader) : null
  const patch = revision >= 54_401 && reader.remaining > 0 ? readVarint(reader) : null
  const version = patch === null ? `${major}.${minor}` : `${major}.${minor}.${patch}`
  return describe(version, cleanOrNull(display), null, { revision, ...(zone ? { timeZone: clean(zone) } : {}) })
}

function describe(
  version: string | null,
  hostname: string | null,
  info: string | null,
  facts: Readonly<Record<string, string | number>>,
): Service {
  const id = cpe('a', 'clickhouse', 'clickhouse', version)
  return service('clickhouse', {
    product: 'ClickHouse',
    vendor: 'ClickHouse',
    version,
    hostname,
    info,
    cpe: [id],
    facts,
  })
}

async function identify(session: Session): Promise<Service | null> {
  const writer = new Writer().u8(HELLO)
  const name = session.client.name.slice(0, 60)
  writer.u8(name.length).latin1(name)
  for (const number of [21, 1, REVISION]) writeVarint(writer, number)
  await session.write(writer.u8(0).u8(7).latin1('default').u8(0).finish())
  return understood(session, recognise)
}

const readString = (reader: Reader) => latin1(reader.take(readVarint(reader), STRING_CAP))
