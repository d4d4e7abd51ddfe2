/**
 * PostgreSQL frontend/backend protocol 3 (PostgreSQL manual, chapter "Message Formats"):
 *
 *   SSLRequest => length(4)=8 code(4)=80877103            answer: "S" | "N" | an old server's ErrorResponse
 *   Startup    => length(4) version(4) *(name NUL value NUL) NUL
 *   Error      => "E" length(4) *(field(1) text NUL) NUL     fields: S severity, V, C code, M message, F file, L line, R routine
 *   Auth       => "R" length(4) method(4) ...
 *
 * A server tells no version before a login. The file, line and routine of an error it raised are its source's: they
 * tell PostgreSQL from its relatives, and roughly when it was written.
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import { Mishap, type Protocol, type Service, type Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const postgresql: Protocol = {
  name: 'postgresql',
  transport: 'tcp',
  ports: [5432, 5433, 6432, 26257],
  opens: 'client',
  alpn: ['postgresql'],
  recognise,
  identify,
}

const SSL_REQUEST = 80_877_103
/** A protocol version no server knows: the answer is an error that needs no login. */
const UNKNOWN_VERSION = 0x0003_03e7
const FIELDS_CAP = 20
const TEXT_CAP = 512

type ErrorFields = ReadonlyMap<string, string>

function recognise(bytes: Uint8Array): Service | null {
  const fields = parseError(bytes)
  return fields === null ? null : fromError(fields)
}

/** Null unless it is an ErrorResponse with the fields every backend sends: severity, code, message. */
function parseError(bytes: Uint8Array): ErrorFields | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== 0x45) return null
    const length = reader.u32()
    if (length < 10 || length > 4096) return oldError(bytes)
    const fields = new Map<string, string>()
    for (let i = 0; i < FIELDS_CAP; i++) {
      const type = reader.u8()
      if (type === 0) break
      fields.set(String.fromCharCode(type), clean(reader.cstring(TEXT_CAP)))
    }
    return /^[A-Z0-9]{5}$/.test(fields.get('C') ?? '') && fields.has('S') && fields.has('M') ? fields : null
  })
}

/** Protocol 2 (before 7.4) and failures before the protocol is settled: "E" text NUL. */
function oldError(bytes: Uint8Array): ErrorFields | null {
  const text = new Reader(bytes, 1).cstring(TEXT_CAP)
  const known =
    /^(?:FATAL|ERROR):\s+(?:unsupported frontend protocol|invalid length of startup packet|no pg_hba\.conf entry|expected SSL response)|^could not fork|^sorry, too many clients/i
  return known.test(text) ? new Map([['M', clean(text)]]) : null
}

/** Relatives that answer in the same words but from other source files. */
const RELATIVES: readonly (readonly [mark: RegExp, product: string, vendor: string])[] = [
  [/pgbouncer/i, 'PgBouncer', 'PgBouncer'],
  [/cockroach|pgwire/i, 'CockroachDB', 'Cockroach Labs'],
  [/crate|io\.crate/i, 'CrateDB', 'Crate.io'],
  [/redshift/i, 'Amazon Redshift', 'Amazon'],
  [/greenplum|gpdb/i, 'Greenplum', 'VMware'],
  [/questdb/i, 'QuestDB', 'QuestDB'],
]

function fromError(fields: ErrorFields): Service {
  const text = [...fields.values()].join(' ')
  const facts = { message: fields.get('M') ?? '', code: fields.get('C') ?? null, routine: fields.get('R') ?? null }
  const relative = RELATIVES.find(([mark]) => mark.test(text))
  if (relative) return service('postgresql', { product: relative[1], vendor: relative[2], facts })
  const told = { product: 'PostgreSQL', vendor: 'PostgreSQL', cpe: [cpe('a', 'postgresql', 'postgresql')] }
  return service('postgresql', { ...told, version: null, info: era(fields), facts })
}

/** What the error itself says about the release, for people: no version is claimed. */
function era(fields: ErrorFields): string | null {
  const supports = /server supports (?:[\d.]+ to )?([\d.]+)/.exec(fields.get('M') ?? '')?.[1]
  if (fields.has('V')) return supports ? `9.6 or later, protocol ${supports}` : '9.6 or later'
  return supports ? `before 9.6, protocol ${supports}` : null
}

const sslRequest = () => new Writer().u32(8).u32(SSL_REQUEST).finish()

function startup(version: number): Uint8Array {
  const body = new Writer().u32(version).latin1('user\0portolan\0database\0portolan\0\0').finish()
  return new Writer()
    .u32(body.length + 4)
    .bytes(body)
    .finish()
}

async function identify(session: Session): Promise<Service | null> {
  let tlsOffered: boolean | null = null
  if (!session.tls) {
    await session.write(sslRequest())
    const answer = await session.read()
    const known = parseError(answer)
    if (known !== null) return fromError(known)
    if (answer.length !== 1 || (answer[0] !== 0x53 && answer[0] !== 0x4e)) return null
    tlsOffered = answer[0] === 0x53
    if (tlsOffered) await upgrade(session)
  }
  await session.write(startup(UNKNOWN_VERSION))
  const answer = await session.readUntil((b) => b.length > 5 && b.length > new Reader(b, 1).u32())
  const fields = parseError(answer)
  const found = fields === null ? versionNegotiated(answer) : fromError(fields)
  return found && { ...found, facts: { ...found.facts, tlsOffered } }
}

/** The certificate is worth having, the conversation can go on without. */
async function upgrade(session: Session): Promise<void> {
  try {
    await session.startTls()
  } catch (error) {
    if (!(error instanceof Mishap)) throw error
    await session.reopen()
  }
}

/** Newer servers offer their own minor version ("v", NegotiateProtocolVersion), then ask for a password ("R"). */
function versionNegotiated(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const type = reader.u8()
    const length = reader.u32()
    if ((type !== 0x76 && type !== 0x52) || length < 8 || length > 1024) return null
    const known = { product: 'PostgreSQL', vendor: 'PostgreSQL', cpe: [cpe('a', 'postgresql', 'postgresql')] }
    return service('postgresql', { ...known, info: type === 0x76 ? '11 or later' : null })
  })
}
