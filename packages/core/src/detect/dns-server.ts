/**
 * What a DNS reply tells about the server, for every module that carries DNS messages. The name is in the answer to
 * `version.bind TXT CH`, a convention without grammar: administrators also write jokes there.
 */
import { DNS_CLASS, DNS_RCODE, DNS_TYPE, type DnsMessage, type DnsRecord, dnsStrings } from '#core/wire/dns.ts'
import { latin1 } from '#core/wire/reader.ts'
import { createMatcher } from './fingerprint.ts'
import { DNS_VERSIONS } from './fingerprints/dns-versions.data.ts'
import { isNobody } from './nobody.ts'
import { operatingSystem } from './operating-system.ts'
import type { Service } from './protocol.ts'
import { service } from './service.ts'
import { clean } from './text.ts'
import { upstream } from './version.ts'

/** Answers longer than this are no version. */
const TEXT_CAP = 255

const match = createMatcher(DNS_VERSIONS, TEXT_CAP)

/** `name 1.2`, `name-1.2`, `name/1.2`: a product never seen before still has its name and version right. */
const GENERAL =
  /^([A-Za-z][A-Za-z.+]*(?:\d{2}(?= [A-Z]))?(?:[ -](?!v\d)[A-Za-z][A-Za-z.+]*){0,4})(?:[ /_-]v?(\d+\.[\w.+~-]*)|(?:\/| v)(\d+)\b)/

/** The name in an answer to `id.server` or `hostname.bind`, null where the software gives its own for whatever is asked. */
export function serverName(message: DnsMessage | null, { facts }: Service): string | null {
  const name = message && chaosText(message)
  return name === facts.versionBind ? null : name
}

/** The text of the first TXT answer of class CHAOS. */
export function chaosText(message: DnsMessage | null): string | null {
  const record = message?.answers.find((answer) => answer.type === DNS_TYPE.txt && answer.class === DNS_CLASS.chaos)
  return record ? clean(dnsStrings(record.data).join(''), TEXT_CAP) || null : null
}

/** Sentences, and words that name no product. */
const JOKE =
  /^(?:version|release|ver)$|^(?:none|nobody|no|not|my|your|our|the|this|you|who|what|why|go|get|ask|we|i)\b/i

/** Product, version and operating system from the text of `version.bind`. */
export function dnsSoftware(text: string): Partial<Service> {
  const os = operatingSystem(text)
  const system = os ? { os: os.name } : {}
  const listed = match(text)
  if (listed !== null) return { ...listed, ...system }
  const [, product, dotted, announced] = GENERAL.exec(text) ?? []
  const version = dotted ?? announced
  // A system alone is a joke more often than not.
  if (!product || !version || isNobody(product) || JOKE.test(product) || operatingSystem(product)?.name === product)
    return { info: text, ...system }
  return { product, version: upstream(version), cpe: os?.cpe ?? [], ...system }
}

/**
 * A zone every resolver should answer itself (RFC 6761 section 6.4), so the question goes no further, and each answers
 * in its own way: the last resort where `version.bind` is refused.
 */
export const LOCAL_ZONE = { name: 'invalid', type: DNS_TYPE.soa, class: DNS_CLASS.in } as const

/** Which resolver invents this start of authority for `invalid`? */
export function dnsSoftwareFromLocalZone(message: DnsMessage | null): Partial<Service> | null {
  const soa = [...(message?.answers ?? []), ...(message?.authority ?? [])].find((r) => r.type === DNS_TYPE.soa)
  // Both resolvers keep serial 1 and the mailbox nobody@invalid; Unbound names localhost as the master, Knot the zone.
  if (!soa || !latin1(soa.data).includes('\x06nobody') || soa.ttl !== 10_800) return null
  if (soa.target === 'localhost') return dnsSoftware('unbound')
  return soa.target === LOCAL_ZONE.name ? dnsSoftware('Knot Resolver') : null
}

/** BIND alone has a zone of class CHAOS, and shows it in the authority section when its version is hidden. */
function isBindZone(message: DnsMessage): boolean {
  return message.authority.some(
    ({ name, class: kind, type }) =>
      name === 'version.bind' && kind === DNS_CLASS.chaos && (type === DNS_TYPE.ns || type === DNS_TYPE.soa),
  )
}

/** A reply in service form. Names of link-local resolution are not this protocol's: mDNS and NetBIOS own them. */
export function dnsService(message: DnsMessage): Service {
  const text = chaosText(message)
  const facts = {
    ...(text === null ? {} : { versionBind: text }),
    recursion: message.recursionAvailable,
    rcode: message.rcode,
  }
  const software = text === null ? {} : dnsSoftware(text)
  const bind = software.product || !isBindZone(message) ? {} : dnsSoftware('BIND')
  return service('domain', { ...software, ...bind, facts })
}

/** Is this a reply a name server gives? Everything in it must add up, because the grammar itself has no magic. */
export function isNameServerReply(message: DnsMessage | null): message is DnsMessage {
  if (!message?.response || message.opcode !== 0 || message.rcode > DNS_RCODE.refused + 5) return false
  if (message.questions.length > 1 || message.trailing > 0) return false
  const records: readonly DnsRecord[] = [...message.answers, ...message.authority, ...message.additional]
  if (isOwnName(message) || records.some(({ target }) => target !== null && LINK_LOCAL.test(target))) return false
  const names = [...message.questions, ...records]
  // A bare refusal without its question is twelve bytes that many things could be.
  if (names.length === 0) return message.rcode !== DNS_RCODE.noError
  return names.every(
    ({ name, type, class: kind }) =>
      type > 0 && (type === DNS_TYPE.opt || (kind >= 1 && (kind <= 4 || kind >= 254))) && !LINK_LOCAL.test(name),
  )
}

/** Neither with authority nor on somebody's behalf: a host that answers for its own address (RFC 4795). */
const isOwnName = (message: DnsMessage) =>
  message.answers[0]?.type === DNS_TYPE.ptr && !message.authoritative && !message.recursionAvailable

const LINK_LOCAL = /\.local$|^[A-P]{32}(?:\.|$)/i
