/**
 * LDAP (RFC 4511 section 4) as far as the root entry goes, which every server shows to everybody (RFC 4512 section 5.1):
 *
 *   message = SEQUENCE { id, operation, controls? }
 *   search  = [APPLICATION 3] { base "", scope 0, deref 0, sizeLimit 0, timeLimit 0, typesOnly false, [7] objectClass, names }
 *   entry   = [APPLICATION 4] { name, SEQUENCE OF SEQUENCE { type, SET OF value } }
 *   done    = [APPLICATION 5] { code, matchedDN, message, ... }
 */
import { BER, berInteger, expectTlv, members, readTlv, type Tlv, tlv, tlvInteger, tlvText } from '#core/wire/ber.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { cpe } from './cpe.ts'
import type { Service } from './protocol.ts'
import { service } from './service.ts'
import { clean, cleanOrNull } from './text.ts'
import { upstream } from './version.ts'

const [SEARCH, PRESENT, ENTRY, DONE, EXTENDED] = [0x63, 0x87, 0x64, 0x65, 0x78]
const OPERATIONS = new Set([0x61, ENTRY, DONE, 0x73, EXTENDED])
/** Messages looked at; the entry comes first, the end second. */
const MESSAGES_CAP = 8
/** Active Directory, its lightweight version, and that it speaks for a whole domain ([MS-ADTS] section 3.1.1.3.4.3). */
const [ACTIVE_DIRECTORY, LIGHTWEIGHT] = ['1.2.840.113556.1.4.800', '1.2.840.113556.1.4.1851']
export const START_TLS = '1.3.6.1.4.1.1466.20037'

export interface LdapMessage {
  readonly id: number
  readonly operation: number
  readonly content: Uint8Array
}

/** Attributes of the root entry, names in lower case. */
export type LdapRoot = ReadonlyMap<string, readonly string[]>

/** The question for the root entry, `+` for its operational attributes (RFC 3673). */
export function ldapRootSearch(id: number): Uint8Array {
  const zero = tlvInteger(0)
  const names = tlv(BER.sequence, tlvText('*'), tlvText('+'), ...NAMED.map((name) => tlvText(name)))
  const scope = tlvInteger(0, BER.enumerated)
  const falsehood = tlv(BER.boolean, Uint8Array.of(0))
  const search = tlv(SEARCH, tlvText(''), scope, scope, zero, zero, falsehood, tlvText('objectClass', PRESENT), names)
  return tlv(BER.sequence, tlvInteger(id), search)
}

/** Servers that do not know `+` still show these when asked by name. */
const NAMED = [
  'vendorName',
  'vendorVersion',
  'dnsHostName',
  'supportedCapabilities',
  'supportedExtension',
  'namingContexts',
]

/** The messages at the start of a stream (or of a datagram). */
export function parseLdap(bytes: Uint8Array): readonly LdapMessage[] {
  const messages: LdapMessage[] = []
  const reader = new Reader(bytes)
  while (messages.length < MESSAGES_CAP) {
    const message = orNull(() => {
      const inner = new Reader(expectTlv(reader, BER.sequence))
      const id = berInteger(expectTlv(inner, BER.integer))
      const { tag, content } = readTlv(inner)
      return OPERATIONS.has(tag) && isOperation(tag, content) ? { id, operation: tag, content } : null
    })
    if (!message) break
    messages.push(message)
  }
  return messages
}

/** Results begin with a code and two strings; entries with a string and a list. */
function isOperation(tag: number, content: Uint8Array): boolean {
  const [first, second, third] = members(content)
  if (tag === ENTRY) return first?.tag === BER.octets && second?.tag === BER.sequence
  return first?.tag === BER.enumerated && second?.tag === BER.octets && third?.tag === BER.octets
}

export function isLdapEnd(bytes: Uint8Array): boolean {
  return parseLdap(bytes).some((message) => message.operation === DONE || message.operation === EXTENDED)
}

/** The root entry among the messages, empty when the server keeps it. */
export function ldapRoot(messages: readonly LdapMessage[]): LdapRoot {
  const entry = messages.find((message) => message.operation === ENTRY)
  const root = new Map<string, readonly string[]>()
  const list = entry ? (orNull(() => members(members(entry.content)[1]!.content)) ?? []) : []
  for (const attribute of list) orNull(() => addAttribute(root, attribute))
  return root
}

function addAttribute(root: Map<string, readonly string[]>, attribute: Tlv): null {
  const [type, values] = members(attribute.content)
  if (type && values)
    root.set(
      latin1(type.content).toLowerCase(),
      members(values.content).map((v) => clean(v.content)),
    )
  return null
}

/** Result code of the search or extended operation, null when it has not come. */
export function ldapResult(messages: readonly LdapMessage[]): number | null {
  const done = messages.find((message) => message.operation !== ENTRY)
  return done ? orNull(() => berInteger(expectTlv(new Reader(done.content), BER.enumerated))) : null
}

export function ldapService(name: string, root: LdapRoot): Service {
  const contexts = (root.get('namingcontexts') ?? []).slice(0, 8)
  const base = root.get('defaultnamingcontext')?.[0] ?? contexts[0] ?? null
  const facts = {
    ...(contexts.length > 0 ? { namingContexts: contexts } : {}),
    ...(root.has('supportedldapversion') ? { versions: root.get('supportedldapversion')!.slice(0, 4) } : {}),
    ...(root.has('supportedsaslmechanisms') ? { sasl: root.get('supportedsaslmechanisms')!.slice(0, 16) } : {}),
    startTls: root.get('supportedextension')?.includes(START_TLS) ?? false,
  }
  const hostname = cleanOrNull(root.get('dnshostname')?.[0] ?? root.get('defaultserverhost')?.[0])
  return service(name, { ...ldapSoftware(root), hostname, info: base, facts })
}

/** Which directory shows this root entry. */
export function ldapSoftware(root: LdapRoot): Partial<Service> {
  const [vendor = '', version = ''] = [root.get('vendorname')?.[0], root.get('vendorversion')?.[0]]
  const oid = root.get('orcldirectoryversion')?.[0] ?? ''
  const capabilities = root.get('supportedcapabilities') ?? []
  if (/samba/i.test(vendor)) return product('Samba', 'Samba', bare(version), ['samba', 'samba'])
  if (capabilities.includes(LIGHTWEIGHT))
    return { ...product('Microsoft AD LDS', 'Microsoft', null, null), os: 'Windows' }
  if (capabilities.includes(ACTIVE_DIRECTORY))
    return {
      ...product('Microsoft Active Directory', 'Microsoft', null, ['microsoft', 'active_directory']),
      os: 'Windows',
    }
  if ([...(root.get('objectclass') ?? [])].includes('OpenLDAProotDSE'))
    return product('OpenLDAP', 'OpenLDAP', null, ['openldap', 'openldap'])
  for (const [pattern, name, maker, id] of VENDORS) {
    if (pattern.test(`${vendor} ${version} ${oid}`)) return product(name, maker, bare(version) ?? bare(oid), id)
  }
  if (!vendor) return {}
  const said = version.replace(/[\s/]*\b(?:[vVrR]|[vV]ersion|[rR]elease)?[. ]?\d.*$/, '')
  return { product: said || vendor, vendor, version: bare(version) }
}

type Vendor = readonly [pattern: RegExp, product: string, vendor: string, cpe: readonly [string, string] | null]

/** vendorName and vendorVersion (RFC 3045) as the products set them. */
const VENDORS: readonly Vendor[] = [
  [/389[ -](?:Project|Directory)/, '389 Directory Server', '389 Project', ['redhat', '389_directory_server']],
  [/Apache Software Foundation/, 'ApacheDS', 'Apache', ['apache', 'directory_server']],
  [/OpenDJ/, 'OpenDJ', 'ForgeRock', ['forgerock', 'opendj']],
  [/OpenDS/, 'OpenDS', 'Sun', null],
  [/eDirectory/, 'eDirectory', 'NetIQ', ['netiq', 'edirectory']],
  [/UnboundID/, 'UnboundID Directory Server', 'UnboundID', null],
  [/Ping ?Directory|Ping Identity/, 'PingDirectory', 'Ping Identity', ['pingidentity', 'pingdirectory']],
  [/ForgeRock/, 'ForgeRock Directory Services', 'ForgeRock', null],
  [/z\/OS/, 'IBM z/OS LDAP', 'IBM', null],
  [/Lotus|(?:^|[ (])IBM\b.{0,20}\bRelease \d/, 'Lotus Domino', 'IBM', ['ibm', 'lotus_domino']],
  [/VMware/, 'VMware Directory Service', 'VMware', null],
  [/Fedora[- ]Directory|Fedora Project/, 'Fedora Directory Server', 'Fedora', null],
  [/International Business Machines/, 'IBM Security Directory Server', 'IBM', ['ibm', 'security_directory_server']],
  [/iPlanet-Directory/, 'iPlanet Directory Server', 'iPlanet', null],
  [/Sun-Java/, 'Sun Java System Directory Server', 'Sun', ['sun', 'java_system_directory_server']],
  [/Sun[- ](?:ONE|Microsystems|Directory)/, 'Sun Directory Server', 'Sun', ['sun', 'java_system_directory_server']],
  [/Oracle Unified/, 'Oracle Unified Directory', 'Oracle', ['oracle', 'unified_directory']],
  [/Oracle/, 'Oracle Internet Directory', 'Oracle', ['oracle', 'internet_directory']],
  [/Netscape|iPlanet/, 'Netscape Directory Server', 'Netscape', ['netscape', 'directory_server']],
  [/Red Hat/, 'Red Hat Directory Server', 'Red Hat', ['redhat', 'directory_server']],
]

function product(
  name: string,
  vendor: string,
  version: string | null,
  id: readonly [string, string] | null,
): Partial<Service> {
  return { product: name, vendor, version, cpe: id ? [cpe('a', ...id, version)] : [] }
}

/** `389-Directory/1.4.4.11 B2021.040` -> `1.4.4.11`. */
function bare(version: string): string | null {
  return /(?:^|[\s/vVR-])(\d+(?:\.\w+)+(?:[-_][A-Za-z]\w*)?)/.exec(upstream(version))?.[1] ?? null
}
