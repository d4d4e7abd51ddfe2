/**
 * Who serves this page? Two parties may: the web server (Server header, its error pages) and the application behind it
 * (title, headers, cookies, body). A general-purpose server keeps its name and the application becomes `info`;
 * software that brings its own server (Grafana, a printer) is the product, and the server's name becomes `info`.
 */
import { describeDevice } from './describe-device.ts'
import { createMatcher, type Known, withVersionFrom } from './fingerprint.ts'
import { HTTP_SERVER_FINGERPRINTS } from './fingerprints/http-server.data.ts'
import { application, FRAMEWORKS } from './http-application.ts'
import { bodyText, type HttpResponse, header, headerAll, htmlTitle } from './http-message.ts'
import { fromPoweredBy } from './http-self-named.ts'
import { describeChallenge, fromInterface } from './http-words.ts'
import { nameAndVersion } from './name-version.ts'
import { isNobody } from './nobody.ts'
import { operatingSystem } from './operating-system.ts'
import { clean, cleanOrNull } from './text.ts'
import { slashVersion } from './version.ts'

const matchServer = createMatcher(HTTP_SERVER_FINGERPRINTS)

/** Servers that serve other people's applications. */
const GENERAL_SERVERS =
  /^(?:nginx|OpenResty|Tengine|Angie|Apache httpd|Microsoft (?:IIS|HTTPAPI|Kestrel)|lighttpd|Caddy|LiteSpeed|Cherokee|IBM HTTP Server|Oracle HTTP Server|Cloudflare|Envoy|HAProxy|Varnish|Squid|Privoxy|Tinyproxy|Apache Traffic|Akamai|Amazon|Google|Sun-|Netscape-|Zeus|Roxen|Lotus Domino|Hiawatha|Abyss|AOLserver)/
/** True for a server that may serve anybody's application, false for software that brings its own. */
export const isGeneral = (product: string): boolean => GENERAL_SERVERS.test(product)

/** Software that fetches other people's pages for its clients. What stands before a site of its own is a web server. */
const FORWARD_PROXIES =
  /^(?:Squid|Tinyproxy|Privoxy|Apache Traffic Server|Polipo|DeleGate|Mikrotik HttpProxy|MikroTik http proxy|CCProxy|WinGate|Blue Coat|NetApp NetCache|3proxy|Cntlm|E2Guardian|Yahoo Traffic)/i
/**
 * Does this answer come from a forward proxy? One asks for its own password, or is such software and refuses a request
 * that names no site: the same software with a page to show serves a site of its own.
 */
export const isProxy = (response: HttpResponse, product: string | null | undefined): boolean =>
  response.status === 407 ||
  header(response, 'proxy-authenticate') !== null ||
  (response.status >= 400 && FORWARD_PROXIES.test(product ?? ''))

/** Text of a `Server` header as product, version and what else it gives away. */
export function describeServer(value: string): Known {
  const text = clean(value).replace(LANGUAGE, '')
  const found = matchServer(text)
  // Software that brings its own server writes its version where it likes; of a general one that could be a module's.
  if (found?.product)
    return {
      info: commentOf(text),
      ...(isGeneral(found.product) ? found : withVersionFrom(text, found, OTHER_NUMBERS)),
    }
  // What the UPnP architecture (1.0, section 1.1.2) asks to stand first is the system and the protocol.
  const { name: said, version } = nameAndVersion(text.replace(UPNP_PREFIX, '').replace(UPNP, '') || text, slashVersion)
  const name = isNobody(said) ? '' : said
  const device = describeDevice(text)
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
  /\b(?:OpenSSL|GnuTLS|PHP|Python|CPython|Perl|Ruby|Java|JSP|JDK|Servlet|ASP|DAV|mod_\w+|UPnP|DLNADOC|HTTP|Linux|Windows(?: NT)?|VxWorks|SunOS|Darwin)[ /]?v?\d[^\s;,)]*|(?<= )[A-Za-z][\w.+-]{0,60}\/v?\d\S*/gi,
]

const commentOf = (text: string): string | null => cleanOrNull(/\(([^()]{1,80})\)/.exec(text)?.[1])

/** `realm="..."` is often the name of the device. */
function fromRealm(response: HttpResponse): Known | null {
  const challenge = headerAll(response, 'www-authenticate')
    .map((value) => clean(value, 512))
    .find((value) => /realm/i.test(value))
  return challenge === undefined ? null : describeChallenge(challenge)
}

export interface Page {
  readonly known: Known
  /** The page named an application, not only the server that sent it. */
  readonly isApplication: boolean
  readonly title: string | null
  readonly facts: Readonly<Record<string, string | number>>
}

/** Everything one response tells. `known.product` is missing when it tells nothing. */
export function describePage(response: HttpResponse): Page {
  const text = bodyText(response)
  const title = htmlTitle(text)
  const serverText = cleanOrNull(header(response, 'server'))
  const server = serverText === null ? null : describeServer(serverText)
  const poweredBy = cleanOrNull(header(response, 'x-powered-by'))
  const app = application(response, text, title)
  const guessed = choose(
    server,
    app,
    () => fromRealm(response) ?? (title === null ? null : (describeDevice(title) ?? fromInterface(title))),
  )
  const known = guessed.product || poweredBy === null ? guessed : { ...guessed, ...fromPoweredBy(poweredBy) }
  const location = cleanOrNull(header(response, 'location'))
  const realm = cleanOrNull(/realm ?= ?"?([^",]*)/i.exec(header(response, 'www-authenticate') ?? '')?.[1])
  const told = { status: response.status, title, server: serverText, location, realm, poweredBy }
  return {
    known,
    isApplication: app !== null && !FRAMEWORKS.test(app.product ?? ''),
    title,
    facts: Object.fromEntries(Object.entries(told).flatMap(([k, v]) => (v === null ? [] : [[k, v]]))),
  }
}

function choose(server: Known | null, app: Known | null, guess: () => Known | null): Known {
  const both = app?.product && server?.product ? longerName(app.product, server.product) : null
  if (both !== null) return { ...server, ...app, product: both, version: app?.version ?? server?.version ?? null }
  const framework = app !== null && FRAMEWORKS.test(app.product ?? '')
  if (server?.product && (isGeneral(server.product) || framework))
    return { ...server, info: joined(server.info, nameOf(app)) }
  if (app !== null && !framework) return { ...app, info: joined(app.info, nameOf(server)), ...systemOf(server, app) }
  const guessed = guess()
  if (guessed === null) return server ?? app ?? {}
  // A name guessed from a title never beats one the server states; it tells the device behind it.
  if (server?.product) return { ...guessed, ...server, info: joined(server.info, guessed.product) }
  return { ...guessed, info: joined(guessed.info, nameOf(app)) }
}

/** The fuller of two names of one product (`Icecast`, `Icecast streaming media server`); null when they are two. */
function longerName(a: string, b: string): string | null {
  if (a === b || b.startsWith(`${a} `)) return b
  return a.startsWith(`${b} `) ? a : null
}

const systemOf = (server: Known | null, app: Known): Known =>
  app.os == null && server?.os != null ? { os: server.os } : {}

const nameOf = (known: Known | null): string | null =>
  known?.product == null ? null : [known.product, known.version].filter(Boolean).join(' ')

const joined = (...parts: readonly (string | null | undefined)[]): string | null =>
  cleanOrNull([...new Set(parts.filter(Boolean))].join('; '))
