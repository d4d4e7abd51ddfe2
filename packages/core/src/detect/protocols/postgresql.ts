/**
 * PostgreSQL frontend/backend protocol 3 (PostgreSQL documentation, "Message Formats"):
 *
 *   SSLRequest    => U32 8, U32 80877103                                   answered by one byte, S or N
 *   Startup       => U32 length, U32 protocol, *(name NUL value NUL) NUL
 *   ErrorResponse => "E" U32 length *(field text NUL) NUL                   S severity, M message, F file, R routine
 *   Authentication => "R" U32 length U32 type ...        ParameterStatus => "S" U32 length name NUL value NUL
 *
 * Asked for a protocol that does not exist, every server says in its error which ones it has, without a login. Pgpool-II
 * keeps silent about it, and is asked to let a user in that does not exist.
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'
import { upstream } from '../version.ts'

export const postgresql: Protocol = {
  name: 'postgresql',
  transport: 'tcp',
  ports: [5432, 5433, 6432, 26257],
  opens: 'client',
  recognise,
  identify,
}

const ERROR = 0x45
const AUTHENTICATION = 0x52
const PARAMETER = 0x53
const SSL_REQUEST = new Writer().u32(8).u32(80877103).finish()
/** Major version 255 will not exist soon, and is refused in the format of protocol 3. */
const IMPOSSIBLE = new Writer()
  .u32(9)
  .u32(255 << 16)
  .u8(0)
  .finish()
const STARTUP_PARAMETERS = Buffer.from('user\0portolan\0database\0portolan\0\0')
const STARTUP = new Writer()
  .u32(8 + STARTUP_PARAMETERS.length)
  .u32(3 << 16)
  .bytes(STARTUP_PARAMETERS)
  .finish()
/** An error response is a few hundred bytes. */
const ERROR_CAP = 4096
const FIELDS_CAP = 24

/** Protocol ranges in the message tell the release: 2.0 went in 14, 3.2 came in 18. */
const RELEASES: readonly (readonly [RegExp, string])[] = [
  [/server supports 1\.0 to 3\.0/, '7.4 to 13'],
  [/server supports 2\.0 to 3\.0/, '9.5 to 13'],
  [/server supports 3\.0 to 3\.0/, '14 to 17'],
  [/server supports 3\.0 to 3\.2/, '18 or later'],
]

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const type = reader.u8()
    const length = reader.u32()
    if (type === ERROR) return length > 8 && length < ERROR_CAP ? fromError(reader) : null
    if (type !== AUTHENTICATION || length < 8 || length > 256 || reader.u32() > 12) return null
    reader.skip(length - 8)
    return service('postgresql', { ...named('PostgreSQL', serverVersion(reader)), confidence: 0.95 })
  })
}

function named(product: string, version: string | null): Partial<Service> {
  return { product, vendor: 'PostgreSQL', version, cpe: [cpe('a', 'postgresql', 'postgresql', version)] }
}

function fromError(reader: Reader): Service | null {
  const fields = new Map<string, string>()
  for (let code = reader.u8(); code !== 0 && fields.size < FIELDS_CAP; code = reader.remaining > 0 ? reader.u8() : 0)
    fields.set(String.fromCharCode(code), clean(reader.cstring(1024)))
  const message = fields.get('M')
  if (message === undefined || !/^[0-9A-Z]{5}$/.test(fields.get('C') ?? '')) return null
  // HSQLDB, which takes every first word for a length of ODBC's.
  if (/^Bad length for .*packet/.test(message)) return null
  const facts = { message, file: fields.get('F') ?? '', line: fields.get('L') ?? '', routine: fields.get('R') ?? '' }
  if (
    /pgbouncer/i.test(message) ||
    /^no such (?:database|user)|unsupported startup parameter|^bad packet header: '/.test(message)
  )
    return service('postgresql', {
      product: 'PgBouncer',
      vendor: 'PgBouncer',
      cpe: [cpe('a', 'pgbouncer', 'pgbouncer')],
      facts,
    })
  if (/cockroach/i.test(message))
    return service('postgresql', { product: 'CockroachDB', vendor: 'Cockroach Labs', facts })
  const release = RELEASES.find(([pattern]) => pattern.test(message))?.[1]
  return service('postgresql', {
    ...named('PostgreSQL', null),
    info: release === undefined ? null : `release ${release}`,
    facts,
  })
}

/** A server that trusts us announces its parameters right away. */
function serverVersion(reader: Reader): string | null {
  for (let i = 0; i < FIELDS_CAP && reader.remaining > 5 && reader.u8() === PARAMETER; i++) {
    const parameter = new Reader(reader.take(reader.u32() - 4, 1024))
    if (parameter.cstring() === 'server_version') return upstream(clean(parameter.cstring()).split(' ')[0] ?? '')
  }
  return null
}

async function identify(session: Session): Promise<Service | null> {
  if (!session.tls) {
    await session.write(SSL_REQUEST)
    const [answer] = await session.read(1)
    // Whether its TLS works or not, it is asked the question.
    if (answer === 0x53) {
      if ((await attempt(() => session.startTls().then(() => true))) === null) await session.reopen()
    } else if (answer !== 0x4e && answer !== ERROR) return null
  }
  const answered = (soFar: Uint8Array) => recognise(soFar) !== null
  await session.write(IMPOSSIBLE)
  const answer = await session.readUntil(answered)
  if (answer.length > 0 || session.tls) return recognise(answer)
  await session.reopen()
  await session.write(STARTUP)
  const told = await session.readUntil((soFar) => isPgpool(soFar) || soFar.length > ERROR_CAP)
  const pgpool = { product: 'Pgpool-II', vendor: 'Pgpool', cpe: [cpe('a', 'pgpool', 'pgpool-ii')] }
  return isPgpool(told) ? service('postgresql', pgpool) : recognise(told)
}

/** Its errors name its own source files. */
const isPgpool = (bytes: Uint8Array): boolean =>
  /\0F(?:pool_\w{1,40}|child)\.c\0/.test(latin1(bytes.subarray(0, ERROR_CAP)))
