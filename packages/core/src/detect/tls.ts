/**
 * TLS over a socket that is already connected, with servers of every age: whatever the library still speaks is
 * allowed, nothing is trusted, and what was negotiated is reported as facts.
 */
import { constants, type KeyObject, type X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { type CertificateFacts, Mishap, type TlsFacts } from './protocol.ts'
import { clean } from './text.ts'

/**
 * What is offered. `modern` suits nearly everybody; `plain` (no TLS 1.3, no ALPN) suits servers that choke on
 * extensions they do not know; `ancient` keeps the hello under 256 bytes, which some firmware needs. `nameless` is modern
 * without the server's name, for servers that show strangers' names the door (RFC 6066 section 3 leaves them the choice).
 */
export type TlsProfile = 'modern' | 'plain' | 'ancient' | 'nameless'

/** In the order they are tried where the name is not what was refused. */
export const TLS_PROFILES: readonly TlsProfile[] = ['modern', 'plain', 'ancient']

export interface TlsOffer {
  readonly profile: TlsProfile
  /** Server name to send, null for none. */
  readonly sni: string | null
  readonly alpn: readonly string[]
  /** Milliseconds for the whole handshake. */
  readonly timeout: number
}

// Level 0 admits 512-bit keys, RC4-era ciphers and SHA-1; the point is to see them, not to trust them.
const MODERN = { minVersion: 'TLSv1', ciphers: 'ALL:COMPLEMENTOFDEFAULT:@SECLEVEL=0' } as const
const PROFILES = {
  modern: MODERN,
  nameless: MODERN,
  plain: { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'ALL:COMPLEMENTOFDEFAULT:@SECLEVEL=0' },
  ancient: { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA:AES256-SHA:DES-CBC3-SHA:@SECLEVEL=0' },
} as const

/** The handshake. Resolves with the encrypted stream; throws Mishap (`tls-failed`) when there will be none. */
export function handshake(socket: Socket, { profile, sni, alpn, timeout }: TlsOffer): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const stream = connect({
      socket,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT | constants.SSL_OP_ALL,
      ...PROFILES[profile],
      ...(sni === null ? {} : { servername: sni }),
      ...(alpn.length === 0 || profile === 'ancient' ? {} : { ALPNProtocols: [...alpn] }),
    })
    const fail = (cause?: Error) => {
      clearTimeout(timer)
      stream.destroy()
      reject(new Mishap('tls-failed', new Uint8Array(), { cause }))
    }
    const timer = setTimeout(() => fail(new Error('handshake timed out')), timeout)
    // Stays attached: errors after the handshake have another listener, and a late one must not crash the process.
    stream.on('error', fail)
    stream.once('close', () => fail())
    stream.once('secureConnect', () => {
      clearTimeout(timer)
      stream.removeAllListeners('close')
      resolve(stream)
    })
  })
}

/** What was agreed and who the server says it is. `now` decides what is expired. */
export function tlsFacts(stream: TLSSocket, sni: string | null, now: Date): TlsFacts {
  const certificate = stream.getPeerX509Certificate()
  return {
    protocol: stream.getProtocol() ?? 'unknown',
    cipher: stream.getCipher()?.standardName ?? 'unknown',
    alpn: stream.alpnProtocol || null,
    sni,
    certificate: certificate === undefined ? null : certificateFacts(certificate, now),
  }
}

/** More names than this on one certificate are cut. */
const MAX_NAMES = 100

export function certificateFacts(certificate: X509Certificate, now: Date): CertificateFacts {
  const key = publicKey(certificate)
  const notAfter = isoDate(certificate.validTo)
  return {
    subject: clean(certificate.subject?.replaceAll('\n', ', ') ?? '', 1024),
    issuer: clean(certificate.issuer?.replaceAll('\n', ', ') ?? '', 1024),
    names: alternativeNames(certificate.subjectAltName ?? ''),
    notBefore: isoDate(certificate.validFrom),
    notAfter,
    serial: certificate.serialNumber.toLowerCase().slice(0, 64),
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    keyType: key?.asymmetricKeyType ?? 'unknown',
    keyBits: key === null ? null : keyBits(key),
    signatureAlgorithm: certificate.signatureAlgorithm ?? null,
    selfSigned: certificate.checkIssued(certificate),
    expired: notAfter !== '' && Date.parse(notAfter) < now.getTime(),
  }
}

/** Certificates with keys the library does not know still have a subject and a date. */
function publicKey(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey
  } catch {
    return null
  }
}

function keyBits({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): number | null {
  if (type === 'ed25519') return 256
  if (type === 'ed448') return 456
  // The names of curves say their size: prime256v1, secp384r1, brainpoolP512r1, sect283k1.
  return details?.modulusLength ?? (Number(/\d{3}/.exec(details?.namedCurve ?? '')?.[0] ?? 0) || null)
}

/** `Nov 23 02:47:52 2026 GMT` as ISO 8601; empty when the certificate has nonsense there. */
function isoDate(text: string): string {
  const time = Date.parse(text)
  return Number.isNaN(time) ? '' : new Date(time).toISOString().replace('.000Z', 'Z')
}

/** `DNS:a.example, IP Address:192.0.2.1` without the kinds. */
function alternativeNames(text: string): string[] {
  const names = text.slice(0, 16_384).split(', ', MAX_NAMES)
  return names.map((name) => clean(name.replace(/^(?:DNS|IP Address|email|URI):/, ''))).filter((name) => name !== '')
}
