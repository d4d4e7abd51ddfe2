/**
 * MySQL client/server protocol (MySQL internals, "Connection Phase"): the server opens.
 *
 *   packet    => U24le length, U8 sequence 0, payload
 *   handshake => U8 10, version NUL, U32le thread, 8 bytes, 0, U16le capabilities, U8 charset, ...      (9: very old)
 *   error     => U8 255, U16le code, ["#" 5 characters] message
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { createMatcher, type Known } from '../fingerprint.ts'
import { MYSQL_VERSIONS } from '../fingerprints/mysql-versions.data.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'
import { upstream } from '../version.ts'

export const mysql: Protocol = {
  name: 'mysql',
  transport: 'tcp',
  ports: [3306, 3307, 4000, 9030],
  opens: 'server',
  recognise,
}

/** A greeting is under 200 bytes; an error message a line. */
const PACKET_CAP = 1024
const TLS_CAPABILITY = 0x0800

const known = createMatcher(MYSQL_VERSIONS)
/** Errors a server sends instead of its greeting: too many connections, host blocked, host not allowed, handshake. */
const ERRORS = new Set([1040, 1043, 1044, 1045, 1129, 1130, 1153, 1158, 1159, 1203, 1226])

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const length = reader.u24le()
    if (length < 5 || length > PACKET_CAP || reader.u8() > 1) return null
    const type = reader.u8()
    if (type === 255) return fromError(reader, length)
    if (type !== 10 && type !== 9) return null
    const version = reader.cstring(100)
    if (!/^[\w.][\x20-\x7e]{2,}$/.test(version) || !/\d/.test(version)) return null
    // Cut short, or all of it: what there is must fit.
    if (reader.remaining >= 15) reader.skip(type === 10 ? 13 : 4)
    const capabilities = type === 10 && reader.remaining >= 2 ? reader.u16le() : 0
    const info = type === 10 && (capabilities & TLS_CAPABILITY) !== 0 ? 'TLS offered' : null
    const told = otherSoftware(version) ?? known(version) ?? { product: 'MySQL', vendor: 'MySQL', version: null }
    return service('mysql', { ...told, info: told.info ?? info, facts: { version: clean(version), protocol: type } })
  })
}

/**
 * Software that stands in for a MySQL and names itself and its version behind it: `8.0.26-Acme-1.2.3`. A word without
 * a version is rather what somebody called a build of MySQL.
 */
const OTHER =
  /^(?:5\.5\.5-)?\d[\d.]*\w?[- ]+([A-Za-z][A-Za-z]{2,30}(?:[- ](?:DB|Proxy|Server))?)[- ](?:version )?v?(\d+\.\d[\w.]*)/
const OWN_WORDS =
  /^(?:log|debug|nt|max|pro|standard|classic|community|commercial|enterprise|advanced|cluster|ndb|gpl|rel|alpha|beta|gamma|rc|dmr|rds|aurora|google|azure|cynos|txsql|tdsql|percona|mysql|maria(?:db)?|maxscale|oceanbase|tokudb|wsrep|galera|innodb|webscalesql|ubuntu|debian|\w*linux|[a-z]*bsd|suse|ubu|deb|el|fc|sure|id)$/i

function otherSoftware(text: string): Known | null {
  const [, product = '', version = ''] = OTHER.exec(text) ?? []
  if (product === '' || OWN_WORDS.test(product) || known(text)?.product !== 'MySQL') return null
  return { product, version: upstream(version) }
}

function fromError(reader: Reader, length: number): Service | null {
  const code = reader.u16le()
  const message = clean(reader.take(Math.min(length - 3, reader.remaining), PACKET_CAP))
  if (!ERRORS.has(code) || !/[a-z]{3}/i.test(message)) return null
  const product = /mariadb/i.test(message) ? 'MariaDB' : /mysql/i.test(message) ? 'MySQL' : null
  return service('mysql', { product, vendor: product?.toLowerCase() ?? null, info: message, facts: { error: code } })
}
