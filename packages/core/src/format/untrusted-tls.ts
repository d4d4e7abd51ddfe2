import type { CertificateFacts, TlsFacts } from '#core/detect/protocol.ts'
import { clean } from '#core/detect/text.ts'

type Fields = Readonly<Record<string, unknown>>

const text = (value: unknown, cap = 256) => (typeof value === 'string' ? clean(value, cap) : '')
const textOrNull = (value: unknown) => text(value) || null

/** TLS facts from a file; what is missing or of the wrong type is empty. Null when the protocol is not even named. */
export function readTlsFacts(value: unknown): TlsFacts | null {
  if (typeof value !== 'object' || value === null) return null
  const fields: Fields = { ...value }
  const protocol = text(fields.protocol, 32)
  if (protocol === '') return null
  const { certificate } = fields
  return {
    protocol,
    cipher: text(fields.cipher, 64),
    alpn: textOrNull(fields.alpn),
    sni: textOrNull(fields.sni),
    certificate: typeof certificate === 'object' && certificate !== null ? readCertificate({ ...certificate }) : null,
  }
}

function readCertificate(fields: Fields): CertificateFacts {
  const names = Array.isArray(fields.names) ? fields.names.slice(0, 200).map((name) => text(name, 253)) : []
  return {
    subject: text(fields.subject, 512),
    issuer: text(fields.issuer, 512),
    names: names.filter((name) => name !== ''),
    notBefore: text(fields.notBefore, 40),
    notAfter: text(fields.notAfter, 40),
    serial: text(fields.serial, 80),
    sha256: text(fields.sha256, 64),
    keyType: text(fields.keyType, 32),
    keyBits: typeof fields.keyBits === 'number' && Number.isFinite(fields.keyBits) ? fields.keyBits : null,
    signatureAlgorithm: textOrNull(fields.signatureAlgorithm),
    selfSigned: fields.selfSigned === true,
    expired: fields.expired === true,
  }
}
