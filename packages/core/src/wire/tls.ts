/**
 * The part of TLS that is in the clear, for servers that no library talks to any more (RFC 5246 section 7.4, RFC 6101 for
 * SSL 3.0, the SSL 2.0 draft of 1995 for SSL 2.0):
 *
 *   record      => type(1) version(2) length(2) fragment            21 alert, 22 handshake
 *   handshake   => type(1) length(3) body                           1 client hello, 2 server hello, 11 certificate, ...
 *   v2 hello    => length(2, top bit set) type(1) ...               1 client hello, 4 server hello
 */
import { orNull, Reader, Truncated } from './reader.ts'
import { TLS_CIPHERS } from './tls-ciphers.data.ts'
import { Writer } from './writer.ts'

export interface ServerFlight {
  /** `SSLv2`, `SSLv3`, `TLSv1`, `TLSv1.1`, `TLSv1.2`; null when the server only sent an alert. */
  readonly version: string | null
  /** IANA name; `0x....` for one that is not in the table. */
  readonly cipher: string | null
  /** The server's own certificate, DER. */
  readonly certificate: Uint8Array | null
  /** Code of the alert (RFC 8446 section 6). */
  readonly alert: number | null
  /** Nothing more will come unasked. */
  readonly complete: boolean
}

const VERSIONS: Readonly<Record<number, string>> = {
  768: 'SSLv3',
  769: 'TLSv1',
  770: 'TLSv1.1',
  771: 'TLSv1.2',
  772: 'TLSv1.3',
}
const [ALERT, HANDSHAKE] = [21, 22]
const [SERVER_HELLO, CERTIFICATE, KEY_EXCHANGE, DONE] = [2, 11, 12, 14]
/** A record of 2^14 bytes may be 2 KiB longer when it is compressed and encrypted. */
const RECORD_CAP = 16_384 + 2048
/** Certificates longer than this are not looked into. */
export const CERTIFICATE_CAP = 131_072
const MESSAGES_CAP = 64

export interface ClientHello {
  /** 0x0300 to 0x0303; extensions are left out for the first. */
  readonly version: number
  readonly token: number
  readonly serverName: string | null
}

/** Suites that show no certificate are offered last: most servers go by our order. */
const withoutCertificate = (suite: number): boolean => /anon|PSK|SRP/.test(TLS_CIPHERS.get(suite) ?? '')

/** A hello that offers every cipher suite there is. */
export function clientHello({ version, token, serverName }: ClientHello): Uint8Array {
  const body = new Writer()
    .u16(version)
    .u32(token)
    .bytes(Buffer.alloc(28, `${token}`))
    .u8(0)
  const suites = [...TLS_CIPHERS.keys()]
    .reverse()
    .sort((a, b) => Number(withoutCertificate(a)) - Number(withoutCertificate(b)))
  body.u16(suites.length * 2)
  for (const suite of suites) body.u16(suite)
  body.u8(1).u8(0)
  if (version > 0x0300) body.bytes(extensions(serverName))
  const hello = body.finish()
  const record = new Writer()
    .u8(HANDSHAKE)
    .u16(Math.min(version, 0x0301))
    .u16(hello.length + 4)
  return record.u8(1).u24(hello.length).bytes(hello).finish()
}

function extensions(serverName: string | null): Uint8Array {
  const all = new Writer()
  const add = (type: number, content: Uint8Array) => all.u16(type).u16(content.length).bytes(content)
  if (serverName !== null) {
    const name = Buffer.from(serverName)
    add(
      0,
      new Writer()
        .u16(name.length + 3)
        .u8(0)
        .u16(name.length)
        .bytes(name)
        .finish(),
    )
  }
  const list = (values: readonly number[]) =>
    values.reduce((w, v) => w.u16(v), new Writer().u16(values.length * 2)).finish()
  add(10, list([0x1d, 0x17, 0x18, 0x19, 0x16, 0x09, 0x0a, 0x13, 0x15, 0x01]))
  add(11, new Writer().u8(1).u8(0).finish())
  add(
    13,
    list([0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201, 0x0203, 0x0202, 0x0101]),
  )
  const content = all.finish()
  return new Writer().u16(content.length).bytes(content).finish()
}

/** Cipher kinds of SSL 2.0. */
const V2_CIPHERS: Readonly<Record<number, string>> = {
  65664: 'SSL_CK_RC4_128_WITH_MD5',
  131200: 'SSL_CK_RC4_128_EXPORT40_WITH_MD5',
  196736: 'SSL_CK_RC2_128_CBC_WITH_MD5',
  262272: 'SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5',
  327808: 'SSL_CK_IDEA_128_CBC_WITH_MD5',
  393280: 'SSL_CK_DES_64_CBC_WITH_MD5',
  458944: 'SSL_CK_DES_192_EDE3_CBC_WITH_MD5',
}

/** The hello of SSL 2.0: only servers that still speak it answer in kind. */
export function clientHelloV2(token: number): Uint8Array {
  const ciphers = Object.keys(V2_CIPHERS).map(Number)
  const body = new Writer()
    .u8(1)
    .u16(2)
    .u16(ciphers.length * 3)
    .u16(0)
    .u16(16)
  for (const cipher of ciphers) body.u24(cipher)
  body.u32(token).bytes(Buffer.alloc(12, `${token}`))
  return new Writer()
    .u16(0x8000 | body.length)
    .bytes(body.finish())
    .finish()
}

/** What a server answered to a hello, as far as it has come (maybe nothing yet); null when it is not TLS. */
export function parseServerFlight(bytes: Uint8Array): ServerFlight | null {
  return bytes[0] === ALERT || bytes[0] === HANDSHAKE ? orNull(() => fromRecords(bytes)) : orNull(() => fromV2(bytes))
}

const NOTHING: ServerFlight = { version: null, cipher: null, certificate: null, alert: null, complete: false }

function fromRecords(bytes: Uint8Array): ServerFlight | null {
  const reader = new Reader(bytes)
  const fragments: Uint8Array[] = []
  while (reader.remaining >= 5) {
    const type = reader.u8()
    const version = reader.u16()
    const length = reader.u16()
    if (version >>> 8 !== 3 || (version & 0xff) > 4 || length === 0 || length > RECORD_CAP) return null
    if (type === ALERT) return fragments.length === 0 ? fromAlert(reader, length) : fromHandshake(fragments, true)
    if (type !== HANDSHAKE) return fragments.length === 0 ? null : fromHandshake(fragments, true)
    fragments.push(reader.take(Math.min(length, reader.remaining), RECORD_CAP))
  }
  return fromHandshake(fragments, false)
}

function fromAlert(reader: Reader, length: number): ServerFlight | null {
  const [level, alert] = [reader.u8(), reader.u8()]
  return length === 2 && (level === 1 || level === 2) ? { ...NOTHING, alert, complete: true } : null
}

function fromHandshake(fragments: readonly Uint8Array[], ended: boolean): ServerFlight | null {
  const reader = new Reader(Buffer.concat(fragments))
  let flight: ServerFlight = { ...NOTHING, complete: ended }
  for (let i = 0; i < MESSAGES_CAP && reader.remaining >= 4; i++) {
    const type = reader.u8()
    const length = reader.u24()
    if (i === 0 && (type !== SERVER_HELLO || length < 38 || length > 4096)) return null
    if (type === KEY_EXCHANGE || type === DONE) return { ...flight, complete: true }
    if (length > reader.remaining) break
    const message = new Reader(reader.take(length, CERTIFICATE_CAP * 2))
    if (type === SERVER_HELLO) flight = { ...flight, ...fromServerHello(message) }
    if (type === CERTIFICATE) flight = { ...flight, certificate: firstCertificate(message) }
  }
  return flight
}

function fromServerHello(message: Reader): Pick<ServerFlight, 'version' | 'cipher'> {
  const version = message.u16()
  message.skip(32)
  message.skip(message.u8())
  const suite = message.u16()
  const name = TLS_CIPHERS.get(suite)
  const cipher = name === undefined ? `0x${suite.toString(16).padStart(4, '0')}` : `TLS_${name}`
  if (VERSIONS[version] === undefined) throw new Truncated('no such version')
  return { version: VERSIONS[version], cipher }
}

function firstCertificate(message: Reader): Uint8Array | null {
  return message.u24() < 4 ? null : message.take(message.u24(), CERTIFICATE_CAP)
}

/** The server hello of SSL 2.0: type, hit, certificate type, version, three lengths, certificate, ciphers, connection id. */
function fromV2(bytes: Uint8Array): ServerFlight | null {
  const reader = new Reader(bytes)
  const length = reader.u16() & 0x7fff
  if ((bytes[0] ?? 0) < 0x80 || length < 11 || length > reader.remaining || reader.u8() !== 4 || reader.u8() > 1)
    return null
  const [kind, version] = [reader.u8(), reader.u16()]
  const [certificateLength, ciphersLength, idLength] = [reader.u16(), reader.u16(), reader.u16()]
  const fits = length === 11 + certificateLength + ciphersLength + idLength
  if (kind > 1 || version !== 2 || ciphersLength % 3 !== 0 || idLength > 32 || !fits) return null
  const certificate = reader.take(certificateLength)
  const cipher = ciphersLength === 0 ? null : (V2_CIPHERS[reader.u24()] ?? null)
  return { version: 'SSLv2', cipher, certificate: kind === 1 ? certificate : null, alert: null, complete: true }
}
