/**
 * CQL native protocol (Cassandra, native_protocol_v4.spec section 2):
 *
 *   frame   = version(1) flags(1) stream(2) opcode(1) length(4) body        version: 4 asked, 0x84 answered
 *   OPTIONS (5) => SUPPORTED (6), a multimap: CQL_VERSION, COMPRESSION, PROTOCOL_VERSIONS
 *   STARTUP (1) => READY (2) or AUTHENTICATE (3, class name)
 *   QUERY (7)   => RESULT (8) with the version of the release
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt, understood } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [ERROR, STARTUP, READY, AUTHENTICATE, OPTIONS, SUPPORTED, QUERY, RESULT] = [0, 1, 2, 3, 5, 6, 7, 8]
const RESPONSE = 0x80
const BODY_CAP = 65_536
const KEYS_CAP = 32
const SELECT = 'SELECT release_version FROM system.local'
/** The release that introduced each version of the language, for servers that want a password before they tell more. */
const RELEASES: Readonly<Record<string, string>> = { '3.4.4': '3.11', '3.4.5': '4.0', '3.4.6': '4.1', '3.4.7': '5.0' }

export const cassandra: Protocol = {
  name: 'cassandra',
  transport: 'tcp',
  ports: [9042],
  opens: 'client',
  recognise,
  identify,
}

interface Frame {
  readonly version: number
  readonly opcode: number
  readonly body: Uint8Array
}

function recognise(bytes: Uint8Array): Service | null {
  const frame = parseCqlFrame(bytes)
  const supported = frame?.opcode === SUPPORTED ? parseMultimap(frame.body) : null
  if (supported?.has('CQL_VERSION')) return describe(supported, null, null)
  // A server of another version refuses in words (section 9: code 0x0a, protocol error).
  const refused = frame?.opcode === ERROR ? orNull(() => refusalOf(new Reader(frame.body))) : null
  return refused ? service('cassandra', { product: 'Apache Cassandra', vendor: 'Apache', info: refused }) : null
}

async function identify(session: Session): Promise<Service | null> {
  const answer = await ask(session, OPTIONS, new Uint8Array())
  const supported = answer?.opcode === SUPPORTED ? parseMultimap(answer.body) : null
  if (!supported?.has('CQL_VERSION')) return null
  const cql = supported.get('CQL_VERSION')?.[0] ?? '3.0.0'
  const start = await attempt(() =>
    ask(session, STARTUP, new Writer().u16(1).bytes(text('CQL_VERSION')).bytes(text(cql)).finish()),
  )
  const authenticator = start?.opcode === AUTHENTICATE ? orNull(() => readText(new Reader(start.body))) : null
  if (start?.opcode !== READY) return describe(supported, null, authenticator)
  // Consistency ONE, no flags.
  const rows = await attempt(() =>
    ask(session, QUERY, new Writer().u32(SELECT.length).latin1(SELECT).u16(1).u8(0).finish()),
  )
  const release = rows?.opcode === RESULT ? orNull(() => lastCell(rows.body)) : null
  return describe(supported, release, null)
}

async function ask(session: Session, opcode: number, body: Uint8Array): Promise<Frame | null> {
  await session.write(new Writer().u8(4).u8(0).u16(0).u8(opcode).u32(body.length).bytes(body).finish())
  return understood(session, parseCqlFrame)
}

const text = (value: string) => new Writer().u16(value.length).latin1(value).finish()
const readText = (reader: Reader) => clean(reader.take(reader.u16()))

function refusalOf(reader: Reader): string | null {
  const code = reader.u32()
  const message = readText(reader)
  return code === 0x0a && /protocol version/i.test(message) ? message : null
}

export function parseCqlFrame(bytes: Uint8Array): Frame | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const version = reader.u8() - RESPONSE
    // Versions 1 and 2 have a stream of one byte; they answer ours with theirs.
    if (version < 1 || version > 6) return null
    reader.skip(version < 3 ? 2 : 3)
    const opcode = reader.u8()
    return { version, opcode, body: reader.take(reader.u32(), BODY_CAP) }
  })
}

function parseMultimap(body: Uint8Array): ReadonlyMap<string, readonly string[]> | null {
  return orNull(() => {
    const reader = new Reader(body)
    const map = new Map<string, readonly string[]>()
    for (let left = Math.min(reader.u16(), KEYS_CAP); left > 0; left--) {
      const key = readText(reader)
      map.set(
        key,
        Array.from({ length: Math.min(reader.u16(), KEYS_CAP) }, () => readText(reader)),
      )
    }
    return map
  })
}

/** The value of a result's last cell: one row of one column, so the last length-prefixed bytes. */
function lastCell(body: Uint8Array): string | null {
  for (let at = body.length - 5; at >= 0 && at > body.length - 64; at--) {
    if (new Reader(body, at).u32() === body.length - at - 4) return clean(body.subarray(at + 4)) || null
  }
  return null
}

function describe(
  supported: ReadonlyMap<string, readonly string[]>,
  release: string | null,
  authenticator: string | null,
): Service {
  const scylla = [...supported.keys()].some((key) => key.startsWith('SCYLLA_'))
  const cql = supported.get('CQL_VERSION')?.[0] ?? null
  const line = cql === null ? undefined : RELEASES[cql]
  const facts = {
    ...(cql ? { cql } : {}),
    protocols: supported.get('PROTOCOL_VERSIONS') ?? [],
    ...(authenticator ? { authenticator } : {}),
  }
  const info = release === null && line && !scylla ? `release ${line} or later` : cql && `CQL ${cql}`
  const version = scylla ? null : release
  const product = scylla
    ? { product: 'ScyllaDB', vendor: 'ScyllaDB' }
    : { product: 'Apache Cassandra', vendor: 'Apache', version }
  return service('cassandra', {
    ...product,
    info,
    cpe: [cpe('a', scylla ? 'scylladb' : 'apache', scylla ? 'scylla' : 'cassandra', version)],
    facts,
  })
}
