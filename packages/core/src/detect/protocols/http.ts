/**
 * HTTP/1 (RFC 9112), the answer of servers and proxies of every age to
 *
 *   GET / HTTP/1.1, Host, User-Agent, Accept, Connection: close
 *
 * then, for those that did not say who they are or which version, a few questions more: the application's own version
 * document, metrics, a page that does not exist, a line that is no HTTP.
 */
import { tunnels } from '../connect-proxy.ts'
import { versioned } from '../cpe.ts'
import { favicon, ownerOfIcon } from '../favicon.ts'
import { describePage, isProxy, type Page } from '../http-identity.ts'
import { bodyText, type HttpResponse, header, parseHttp } from '../http-message.ts'
import { learnMore } from '../http-questioning.ts'
import { ask } from '../http-request.ts'
import { type Json, Mishap, type Protocol, type Service, type Session } from '../protocol.ts'
import { isGeneral } from '../server-header.ts'
import { service } from '../service.ts'
import { decode } from '../text.ts'
import { winrm } from './winrm.ts'

const PORTS = [80, 81, 591, 631, 3000, 5000, 5985, 8000, 8008, 8080, 8081, 8088, 8888, 9000, 9090]
const TLS_PORTS = [443, 2083, 2087, 2096, 4443, 5986, 6443, 8443, 8834, 9443, 10250]

export const http: Protocol = {
  name: 'http',
  transport: 'tcp',
  ports: [...PORTS, ...TLS_PORTS],
  opens: 'client',
  alpn: ['http/1.1'],
  recognise,
  identify,
}

/** A status that may mean "you should be speaking TLS": TLS gets its chance first. */
const MISDIRECTED = new Set([400, 421, 426, 497, 505])

function recognise(bytes: Uint8Array): Service | null {
  const response = parseHttp(bytes)
  return response === null ? ancient(bytes) : toService(response, describePage(response))
}

/** HTTP/0.9: a body and nothing else (RFC 1945 section 3.1). Markup alone proves little, so it is not sure. */
function ancient(bytes: Uint8Array): Service | null {
  if (!/^\s{0,8}<(?:!doctype html|html|head|title|body)[\s>]/i.test(decode(bytes.subarray(0, 64)))) return null
  const response = { version: '0.9', status: 200, reason: '', headers: [], body: bytes }
  const told = toService(response, describePage(response))
  return { ...told, info: told.info ?? 'HTTP/0.9', confidence: 0.6 }
}

function toService(response: HttpResponse, { known, facts }: Page): Service {
  const name = speaksIpp(response) ? 'ipp' : isProxy(response, known.product) ? 'http-proxy' : 'http'
  const unsure = MISDIRECTED.has(response.status)
  return service(name, {
    ...known,
    cpe: versioned(known.cpe ?? [], known.version),
    facts: { ...facts, version: response.version },
    confidence: unsure ? 0.7 : 0.97,
  })
}

/** `Server: CUPS/2.4 IPP/2.1`: printing over HTTP, and says so (RFC 8011). */
const speaksIpp = (response: HttpResponse): boolean => /\bIPP\/\d|^CUPS\b/.test(header(response, 'server') ?? '')

async function identify(session: Session): Promise<Service | null> {
  const answer = await ask(session, { path: '/' })
  const first = parseHttp(answer)
  if (first === null) return ancient(answer)
  const page = describePage(first)
  if (MISDIRECTED.has(first.status) && !session.tls && page.known.version) return toService(first, page)
  const known = await learnMore(session, first, page)
  const told = toService(first, { ...page, known })
  const icon = showsPages(first) ? await favicon(session, bodyText(first)) : null
  const found = icon === null ? told : withIcon(told, icon, page.isApplication)
  if (/^Microsoft HTTPAPI/.test(known.product ?? '')) return (await behindHttpSys(session)) ?? found
  const mayTunnel = first.status >= 400 && first.status !== 401 && found.name === 'http' && !page.isApplication
  return mayTunnel && !isGeneral(known.product ?? '') && (await tunnels(session, first.status))
    ? { ...found, name: 'http-proxy' }
    : found
}

/** An icon tells the application where the page did not; who serves it stays the product if it serves anybody's. */
function withIcon(told: Service, icon: Readonly<Record<string, Json>>, isApplication: boolean): Service {
  const shown = { ...told, facts: { ...told.facts, favicon: icon } }
  const owner = isApplication ? null : ownerOfIcon(icon)
  if (owner?.product == null || told.info?.includes(owner.product)) return shown
  if (told.product !== null) return { ...shown, info: [told.info, owner.product].filter(Boolean).join('; ') }
  return { ...shown, product: owner.product, vendor: owner.vendor ?? null, cpe: owner.cpe ?? [] }
}

/** Something a browser would show: a page, the way to one, or a door before it. */
const showsPages = (response: HttpResponse): boolean =>
  response.status === 401 || (response.status >= 200 && response.status < 400 && isPage(response))

const isPage = (response: HttpResponse): boolean =>
  response.status >= 300 || /html/i.test(header(response, 'content-type') ?? '')

/** HTTP.sys serves many; the one found most often has a question of its own. */
async function behindHttpSys(session: Session): Promise<Service | null> {
  try {
    await session.reopen()
    return (await winrm.identify?.(session, new Uint8Array())) ?? null
  } catch (error) {
    if (error instanceof Mishap) return null
    throw error
  }
}
