/** The `Server` header of HTTP, and of what borrows it (SSDP): a table of names first, then the grammar. */
import { describeDevice } from './describe-device.ts'
import { createMatcher, type Known, withVersionFrom } from './fingerprint.ts'
import { HTTP_SERVER_FINGERPRINTS } from './fingerprints/http-server.data.ts'
import { UPNP_SERVERS } from './fingerprints/upnp-servers.data.ts'
import { nameAndVersion } from './name-version.ts'
import { isNobody } from './nobody.ts'
import { operatingSystem } from './operating-system.ts'
import { clean, cleanOrNull } from './text.ts'
import { slashVersion } from './version.ts'

const matchServer = createMatcher(HTTP_SERVER_FINGERPRINTS)
const matchUpnp = createMatcher(UPNP_SERVERS)

/** Servers that serve other people's applications. */
const GENERAL_SERVERS =
  /^(?:nginx|OpenResty|Tengine|Angie|Apache httpd|Microsoft (?:IIS|HTTPAPI|Kestrel)|lighttpd|Caddy|LiteSpeed|Cherokee|IBM HTTP Server|Oracle HTTP Server|Cloudflare|Envoy|HAProxy|Varnish|Squid|Privoxy|Tinyproxy|Apache Traffic|Akamai|Amazon|Google|Sun-|Netscape-|Zeus|Roxen|Lotus Domino|Hiawatha|Abyss|AOLserver)/
/** True for a server that may serve anybody's application, false for software that brings its own. */
export const isGeneral = (product: string): boolean => GENERAL_SERVERS.test(product)

/** Text of a `Server` header as product, version and what else it gives away. */
export function describeServer(value: string): Known {
  const text = clean(value).replace(LANGUAGE, '')
  const found = (text.includes('UPnP') ? matchUpnp(text) : null) ?? matchServer(text)
  // Software that brings its own server writes its version where it likes; of a general one that could be a module's.
  if (found?.product)
    return {
      info: commentOf(text),
      ...(isGeneral(found.product) ? found : withVersionFrom(text, found, OTHER_NUMBERS)),
    }
  // What the UPnP architecture (1.0, section 1.1.2) asks to stand first is the system and the protocol.
  const { name: said, version } = nameAndVersion(text.replace(UPNP_PREFIX, '').replace(UPNP, '') || text, slashVersion)
  const name = isNobody(said) ? '' : said
  const device = /\bnot\b/i.test(text) ? null : describeDevice(text)
  const os = operatingSystem(text)
  return {
    product: name || null,
    ...(version === null ? {} : { version }),
    ...(device?.vendor ? { vendor: device.vendor } : {}),
    ...(device?.device ? { device: device.device } : {}),
    ...(os === null ? {} : { os: os.name, cpe: os.cpe }),
    ...found,
  }
}

const UPNP_PREFIX = /^(?:[\w.-]{1,40}\/[\w.]{1,20},? )?UPnP\/\d\.\d,? (?:DLNADOC\/[\d.]{1,8},? )?/
/** `Python/3.11 websockets/10.4`: the language first, then what is written in it. */
const LANGUAGE = /^(?:C?Python|Ruby|PHP|Perl|Java|Node\.js|Erlang|Lua|Go)\/\d\S*,? (?=[A-Za-z][\w.-]{2,40}\/v?\d)/i
const UPNP = /(?<=\d\S{0,20}),? UPnP\/\d\.\d\b/g

/** Numbers of what a server runs or runs on. */
const OTHER_NUMBERS = [
  /\b\d\.[\dx]\.[a-z](?:-SNAPSHOT)?(?!\w)/gi,
  /\b(?:OpenSSL|GnuTLS|PHP|Python|CPython|Perl|Ruby|Java|JSP|JDK|Servlet|ASP|DAV|mod_\w+|UPnP|DLNADOC|HTTP|Linux|Windows(?: NT)?|VxWorks|SunOS|Darwin)[ /]?v?\d[^\s;,)]*|(?<= )[A-Za-z][\w.+-]{0,60}\/v?\d\S*/gi,
]

const commentOf = (text: string): string | null => cleanOrNull(/\(([^()]{1,80})\)/.exec(text)?.[1])
