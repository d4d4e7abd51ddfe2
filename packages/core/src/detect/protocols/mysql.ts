/**
 * MySQL client/server protocol (dev.mysql.com, "Protocol::HandshakeV10", "ERR_Packet"; MariaDB knowledge base,
 * "Connection"):
 *
 *   packet    => length(3, LE) sequence(1) payload
 *   handshake => protocol(1)=10|9 version(NUL) thread(4, LE) salt(8) filler(1) capabilities(2, LE)
 *                [charset(1) status(2) capabilities-high(2) auth-length(1) reserved(10) salt(12+) auth-plugin(NUL)]
 *   error     => 0xff code(2, LE) ["#" sqlstate(5)] message             before the handshake: host blocked, too many
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import { operatingSystem } from '../operating-system.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'
import { upstream } from '../version.ts'

export const mysql: Protocol = {
  name: 'mysql',
  transport: 'tcp',
  ports: [3306, 3307, 4000],
  opens: 'server',
  recognise,
}

const CLIENT_SSL = 0x0800
/** Greetings are about 80 bytes; error texts not much longer. */
const PACKET_CAP = 1024
const VERSION_CAP = 128

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const length = reader.u24le()
    const sequence = reader.u8()
    if (length < 5 || length > PACKET_CAP || sequence > 1) return null
    const kind = reader.u8()
    if (kind === 0xff) return refused(reader, length)
    return kind === 10 || kind === 9 ? handshake(reader, kind, length) : null
  })
}

function handshake(reader: Reader, protocol: number, length: number): Service | null {
  const text = reader.cstring(VERSION_CAP)
  if (!/^[\x20-\x7e]{3,}$/.test(text) || !/\d/.test(text) || text.length + 14 > length) return null
  // What follows is often cut off in captures; the version alone is worth having.
  const rest = orNull(() => {
    const thread = reader.u32le()
    reader.skip(9)
    const capabilities = reader.u16le()
    return { thread, tls: (capabilities & CLIENT_SSL) !== 0 }
  })
  const plugin = /\0((?:mysql|caching|sha256|dialog|auth|client|ed25519)\w{0,40})\0?$/.exec(latin1(reader.rest()))?.[1]
  const facts = { protocol, banner: clean(text), tlsOffered: rest?.tls ?? null, authentication: plugin ?? null }
  return service('mysql', { ...describe(text), info: `protocol ${protocol}`, facts })
}

const MESSAGES =
  /is not allowed to connect to this|is blocked because of many connection errors|Too many connections|Access denied|Can't get hostname|Bad handshake|Host '/i

function refused(reader: Reader, length: number): Service | null {
  const code = reader.u16le()
  const message = clean(reader.latin1(Math.min(reader.remaining, length - 3), PACKET_CAP), 200).replace(/^#\w{5} ?/, '')
  if (code < 1000 || code > 5000 || !MESSAGES.test(message)) return null
  const mariadb = /MariaDB/i.test(message)
  const known = mariadb ? PRODUCTS.MariaDB : /MySQL/.test(message) ? PRODUCTS.MySQL : {}
  return service('mysql', { ...known, info: message, facts: { errorCode: code } })
}

const PRODUCTS = {
  MariaDB: { product: 'MariaDB', vendor: 'MariaDB', cpe: [cpe('a', 'mariadb', 'mariadb')] },
  MySQL: { product: 'MySQL', vendor: 'Oracle', cpe: [cpe('a', 'oracle', 'mysql')] },
} as const

/** Forks say who they are behind the version of MySQL they stand for. */
const FORKS: readonly (readonly [
  mark: RegExp,
  product: string,
  vendor: string,
  cpe: readonly [string, string] | null,
])[] = [
  [/^(?:5\.5\.5-)?(?<version>\d+\.\d+\.\d+)(?:-\d+)?-MariaDB|mariadb/i, 'MariaDB', 'MariaDB', ['mariadb', 'mariadb']],
  [/-TiDB-v?(?<version>[\d.]+(?:-\w+)?)/i, 'TiDB', 'PingCAP', ['pingcap', 'tidb']],
  [/-Vitess/i, 'Vitess', 'Vitess', ['linuxfoundation', 'vitess']],
  [/percona|^\d+\.\d+\.\d+-\d\d\.\d|-rel\d+\.\d/i, 'Percona Server', 'Percona', ['percona', 'percona_server']],
  [
    /^(?<version>[\d.]+)[\s-]*(?:SphinxSearch|release|id64).*\bsphinx|^\d\.\d\.\d+(?:-\w+)? [0-9a-f]{6,}@\d+/i,
    'Sphinx Search SphinxQL',
    'Sphinx',
    null,
  ],
  [/Manticore/i, 'Manticore Search', 'Manticore', null],
  [/OceanBase/i, 'OceanBase', 'Ant Group', null],
  [/Doris/i, 'Apache Doris', 'Apache', ['apache', 'doris']],
  [/StarRocks/i, 'StarRocks', 'StarRocks', null],
  [/MemSQL|SingleStore/i, 'SingleStore', 'SingleStore', null],
  [/aurora/i, 'Amazon Aurora MySQL', 'Amazon', null],
  [/ProxySQL/i, 'ProxySQL', 'ProxySQL', ['proxysql', 'proxysql']],
  [/MaxScale/i, 'MaxScale', 'MariaDB', ['mariadb', 'maxscale']],
  [/dolt/i, 'Dolt', 'DoltHub', null],
]

function describe(text: string): Partial<Service> {
  const os = operatingSystem(text)
  const system = { os: os?.name ?? null }
  for (const [mark, product, vendor, id] of FORKS) {
    const found = mark.exec(text)
    if (found === null) continue
    const version = found.groups?.version ?? (product === 'MariaDB' ? mariaVersion(text) : numbers(text))
    return { product, vendor, version, ...system, cpe: [...(id ? [cpe('a', ...id, version)] : []), ...(os?.cpe ?? [])] }
  }
  const version = numbers(text)
  return {
    product: 'MySQL',
    vendor: 'Oracle',
    version,
    ...system,
    cpe: [cpe('a', 'oracle', 'mysql', version), ...(os?.cpe ?? [])],
  }
}

/** `5.5.5-10.11.6-MariaDB-...`: since 10.0 the prefix keeps old replicas happy. */
const mariaVersion = (text: string): string => numbers(text.replace(/^5\.5\.5-(?=\d)/, ''))

/** `8.0.35-0ubuntu0.22.04.1` -> `8.0.35`, `5.0.51a-24+lenny5` -> `5.0.51a`, `5.7.1-m11` stays. */
const numbers = (text: string): string =>
  /^\d+\.\d+(?:\.\d+)?[a-z]{0,2}(?:-(?:m|rc|beta|alpha|a|b|dmr)\d*)?(?![\w.])/i.exec(upstream(text))?.[0] ??
  upstream(text).split(/[-+ ]/, 1)[0] ??
  text
