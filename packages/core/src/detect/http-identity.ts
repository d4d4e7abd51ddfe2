/**
 * Who serves this page? Two parties may: the web server (Server header, its error pages) and the application behind it
 * (title, headers, cookies, body). A general-purpose server keeps its name and the application becomes `info`;
 * software that brings its own server (Grafana, a printer) is the product, and the server's name becomes `info`.
 */
import { describeDevice } from './describe-device.ts'
import type { Known } from './fingerprint.ts'
import { application, FRAMEWORKS } from './http-application.ts'
import { bodyText, type HttpResponse, header, headerAll, htmlTitle } from './http-message.ts'
import { fromPoweredBy } from './http-self-named.ts'
import { describeChallenge, fromInterface } from './http-words.ts'
import { describeServer, isGeneral } from './server-header.ts'
import { clean, cleanOrNull } from './text.ts'

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
