/**
 * Greetings of text protocols (`220 host Product 1.2 ready`): the table of the protocol first, then the grammar all
 * greetings share, then what the text says about the device.
 */
import { describeDevice } from './describe-device.ts'
import { type Known, type Matcher, withVersionFrom } from './fingerprint.ts'
import {
  asCalled,
  CAPABILITIES,
  isCoined,
  isName,
  isOrganisation,
  MESSAGE_ID,
  numberedName,
  SAYS_SERVER,
  subjectOf,
} from './greeting-subject.ts'
import { nameAndVersion } from './name-version.ts'
import { operatingSystem } from './operating-system.ts'
import { clean } from './text.ts'
import { upstream, versionIn, versionToken } from './version.ts'

export interface Greeting {
  readonly known: Known
  readonly hostname: string | null
}

/** `Post.Office`, `XFB.Gateway`, `PCD3.M5540` are no hosts. */
const DOTTED_NAME = /^[A-Z]\w*\.(?!Com$|Net$|Org$)[A-Z](?:[a-z]+|\w*\d)$/
const HOSTNAME =
  /^(?:\[?(?:\d{1,3}\.){3}\d{1,3}\]?|(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,24}\.?|localhost)$/i
/** Numbers that are not the product's: where, when, whose library, which system. */
const OTHER_NUMBERS: readonly RegExp[] = [
  MESSAGE_ID,
  CAPABILITIES,
  /\bIMAP4?rev\d\b/gi,
  /\b(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\b/gi,
  /\bload at \d+\.\d+/gi,
  /\[(?:::ffff:)?(?:\d{1,3}\.){3}\d{1,3}\]|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}:\d{1,5}/g,
  /\b(?:from|at|for|to|by|with|host|ip|address) \[?(?:\d{1,3}\.){3}\d{1,3}\b/gi,
  /\b\d{1,2}\.\d{1,2}\.(?:19|20)\d\d\b/g,
  /\b(?:TLS|SSL|OpenSSL|GnuTLS|Linux|kernel|Windows(?: NT| Server)?|SunOS|OpenVMS|HTTP|protocol(?: version)?)[ /]?v?\d[\w.-]*/gi,
]

/** `text`: the greeting without its code. A host name at its beginning is taken off and returned. */
export function describeGreeting(text: string, match: Matcher): Greeting {
  const line = clean(text, 512)
  const [first = '', ...others] = line.split(' ')
  const named = HOSTNAME.test(first) && !DOTTED_NAME.test(first)
  const rest = named ? others.join(' ') : line
  const listed =
    outsideHosts(rest, match) ?? outsideHosts(line, match) ?? outsideHosts(rest.replace(FIRST_LABEL, ''), match)
  const known = listed === null ? general(rest) : withVersionFrom(rest, listed, OTHER_NUMBERS)
  return { known, hostname: named && /[a-z]/i.test(first) ? first : null }
}

/** `This is not the FTP server of ...`, `we do not run wu-ftpd`. */
const DENIES = /\bnot (?:the|an?|your|run|use|running|using)\b/i
const HOSTS = /(?<![\w.@/(-])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w/@-])/g

/** What the table says of the text, unless only the name of a host said it: `sendmail.example.com ESMTP`. */
function outsideHosts(text: string, match: Matcher): Known | null {
  const known = DENIES.test(text) ? null : match(text)
  const bare = known === null ? text : text.replace(HOSTS, 'host.test')
  if (bare === text) return known
  const still = match(bare)
  return still?.product === known?.product ? known : still
}

/** What serves, where the question is which device it serves on. */
const SERVICE_WORDS =
  /\b(?:(?:E?SMTP|FTP|POP3?|IMAP4?(?:rev1)?|NNTP)(?:[ -]?(?:print|server|service|daemon|version)){0,3}|network print(?:er)? server|printer ftp|(?:is |are )?ready(?: at .*)?)(?![A-Za-z])/gi

/** A host name without a domain. */
const LOCAL_NAME = /^[a-z][a-z0-9-]{1,30} (?=[A-Z])/

/** What may be a host name without a domain, in capitals too, as Windows has them. */
const FIRST_LABEL = /^[a-z][\w-]{0,30} /i

/** A program that calls itself by its file name: `fooftpd`. */
const DAEMON = /(?<![\w.@-])([A-Za-z][\w-]{0,30}(?:ftp|smtp|pop3?|imap|nntp)d)(?![\w.@-])(?:[ /]v?(\d[\w.]*))?/i
/** `Name FTP Server ready (Version 1.0)`: behind the courtesy, but announced. */
const ANNOUNCED =
  /\b(?:ver(?:sion|\.)?|release|rel\.) ?:? ?v?(\d[\w.]*\.\w+)|[([]v?(\d+(?:\.\d+)+)[)\]]|\bready[ :-]{1,3}v?(\d+\.\d[\w.]*)\.?$/i

/** The form of BSD's servers: `host FTP server (Product Version 1.2) ready.` */
const BSD =
  /^(?:(\S{1,64}) )?(?:FTP|SMTP|POP3?|IMAP4?|News|NNTP) (?:server|service) ?\((.{2,200})\)(?:\.? ready\b.*|[. ]*)$/i

function general(text: string): Known {
  const [, before = '', inside] = BSD.exec(text) ?? []
  const os = operatingSystem(text)
  const system: Known = os === null ? {} : { os: os.name, cpe: os.cpe }
  if (inside !== undefined && /^(?:(?:version|release|rel|ver|rev)[.:]? ?v?|v\.?)\d/i.test(inside))
    return { ...versionAlone(before, inside, /\bFTP\b/i.test(text)), ...system }
  const subject =
    inside === undefined
      ? subjectOf(text)
      : inside.replace(/^version:? /i, '').replace(/ - .*$| \w{3} \w{3} +\d.*$/, '')
  const named = text.replace(LOCAL_NAME, '')
  const { name, version: told } = nameAndVersion(withoutHost(subject))
  const plausible = isName(name) && name.split(' ').length <= 7
  if (plausible && told !== null) return { product: asCalled(name, text), version: told, ...system }
  const numbered = /\d\.\d|\bv\d/i.test(text) ? numberedName(text) : null
  if (numbered !== null) return { product: asCalled(numbered.name, text), version: numbered.version, ...system }
  const [, daemon, release] = DENIES.test(text) ? [] : (DAEMON.exec(text) ?? [])
  const announced = versionToken(ANNOUNCED.exec(text)?.slice(1).find(Boolean) ?? '')
  const version = release ?? announced
  if (daemon !== undefined) return { product: daemon, ...(version ? { version: upstream(version) } : {}), ...system }
  const device = describeDevice(
    (inside ?? named).replace(MESSAGE_ID, ' ').replace(HOSTS, ' ').replace(SERVICE_WORDS, ' '),
  )
  if (device !== null) return device
  const credible =
    announced !== null ||
    isCoined(name) ||
    (SAYS_SERVER.test(text) && /^[A-Z][a-z][\w-]*$/.test(name) && !isOrganisation(name))
  if (!plausible || !credible || !/[A-Z]/.test(name) || name.split(' ').length > 3) return system
  return { product: name, ...(announced === null ? {} : { version: upstream(announced) }), ...system }
}

/** The first word is a host's, unless nothing is left for a product but the protocol. */
function withoutHost(subject: string): string {
  const rest = subject.replace(LOCAL_NAME, '')
  return /^(?:E?SMTP|FTP|POP3?|IMAP4?|NNTP) v?\d/i.test(rest) ? subject : rest
}

/** `(Version 1.2)` alone: the word before is the product, if it is one of a maker's or does not look like a host. */
function versionAlone(before: string, inside: string, isFtp: boolean): Known {
  const version = versionIn(inside)
  const device = describeDevice(before)
  if (device?.vendor) return { ...device, version }
  const os = operatingSystem(inside)
  if (/^[A-Z][A-Za-z-]+$/.test(before) || DOTTED_NAME.test(before)) return { product: before, version }
  // Whose servers of other protocols write like this nobody knows.
  if (!isFtp) return { product: null, version }
  return { product: os === null ? 'ftpd' : `${os.name} ftpd`, version }
}
