/**
 * What a certificate tells of the product that made it. A server that says nothing else of itself is named by it; one
 * that does keeps its name, and the certificate tells the device it runs on.
 */
import { versioned } from './cpe.ts'
import { describeDevice, kindOf } from './describe-device.ts'
import { createMatcher, type Known } from './fingerprint.ts'
import { X509_SUBJECTS } from './fingerprints/x509-subjects.data.ts'
import type { CertificateFacts, Service } from './protocol.ts'
import { isGeneral } from './server-header.ts'
import { service } from './service.ts'

const match = createMatcher(X509_SUBJECTS)

/** Names that say in what a program is written, not which it is. */
const LANGUAGE = /^(?:Golang net\/http server|Node\.js|Java|Python httpd|Jetty|Microsoft HTTPAPI)/
/** Nobody said a word: the certificate alone speaks for it. */
const CONFIDENCE = 0.5
/** Protocols of which a device has one server. What answers others on it may be anybody's. */
const FACES = new Set(['http', 'ssl'])

/** By the subject, else by who issued it: makers' own authorities sign for their devices. */
export function describeCertificate({ subject, issuer }: CertificateFacts): Known | null {
  const [ours, theirs] = [match(subject), match(issuer)]
  const listed = ours ?? theirs
  if (listed?.product) return listed
  const read = modelIn(subject) ?? (ours === null ? modelIn(issuer) : null)
  if (listed === null) return read
  const { vendor = null, device = null } = listed
  const kind = KINDS.test(device ?? '') ? kindOf(vendor, device) : null
  const product = read?.vendor === listed.vendor ? read?.product : kind
  return product ? { ...listed, product } : listed
}

const part = (name: string, text: string): string =>
  new RegExp(`(?:^|, ?)${name}=([^,]{2,64})`).exec(text)?.[1]?.trim() ?? ''

/** `O=Moxa, CN=NPort`: a maker's name with a model or a family of his. A name with dots is an owner's host. */
function modelIn(text: string): Known | null {
  const [name, maker] = [
    part('CN', text),
    part('O', text).replace(/,? (?:Inc|Corp|Corporation|Ltd|AG|GmbH|AB)\b.*$/, ''),
  ]
  if (name === '' || maker === '' || /\w\.\w|^\*|\bCA\b|^[0-9a-f]{12,}$/i.test(name)) return null
  const read = describeDevice(name) ?? describeDevice(`${maker} ${name}`)
  const made = describeDevice(maker)
  if (!read?.product || !read.vendor || (made?.vendor && made.vendor !== read.vendor)) return null
  return { ...read, product: read.product.startsWith(read.vendor) ? read.product : `${read.vendor} ${read.product}` }
}

/** Kinds of device that a certificate's maker has one product of. */
const KINDS = /^(?:printer|camera|VoIP|storage)$/

/** The service with what its certificate adds. */
export function withCertificate(known: Service, certificate: CertificateFacts | null): Service {
  const told = certificate && describeCertificate(certificate)
  if (!told) return known
  const { product } = known
  const hinted = {
    ...known,
    vendor: known.vendor ?? (product === null ? (told.vendor ?? null) : null),
    device: known.device ?? told.device ?? null,
    os: known.os ?? told.os ?? null,
  }
  if (!told.product || !FACES.has(known.name)) return hinted
  if (product !== null && isGeneral(product)) return { ...hinted, info: joined(known.info, told.product) }
  if (product !== null && !LANGUAGE.test(product)) return hinted
  const version = told.version ?? (product === null ? known.version : null)
  return {
    ...hinted,
    product: told.product,
    version,
    vendor: told.vendor ?? null,
    info: joined(known.info, product),
    cpe: versioned([...new Set([...(told.cpe ?? []), ...(product === null ? known.cpe : [])])], version),
  }
}

/** What keeps silent inside TLS, and whose product made the certificate all the same; null when that tells none. */
export function byCertificate(certificate: CertificateFacts | null): Service | null {
  const known = withCertificate(service('ssl', { confidence: CONFIDENCE }), certificate)
  return known.product === null ? null : known
}

const joined = (...parts: readonly (string | null)[]): string | null =>
  [...new Set(parts.filter((part) => part !== null))].join('; ') || null
