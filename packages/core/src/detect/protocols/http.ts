/**
 * HTTP/1 (RFC 9112), the answer of servers and proxies of every age to
 *
 *   GET / HTTP/1.1, Host, User-Agent, Accept, Connection: close
 *
 * then, for those that did not say who they are or which version, a few questions more: the application's own version
 * document, metrics, a page that does not exist, a line that is no HTTP.
 */
import { tunnels } from '../connect-proxy.ts'
import { cpe, versioned } from '../cpe.ts'
import { favicon } from '../favicon.ts'
import type { Known } from '../fingerprint.ts'
import { describePage, isGeneral, isProxy, type Page } from '../http-identity.ts'
import { bodyText, type HttpResponse, header, isComplete, parseHttp } from '../http-message.ts'
import { BUILD_INFO_NAMES, HTTP_QUESTIONS, type HttpQuestion } from '../http-questions.data.ts'
import { sendRequest } from '../http-request.ts'
import { matchTitle } from '../http-words.ts'
import { Mishap, type Protocol, type Service, type Session } from '../protocol.ts'
import { service } from '../service.ts'
import { decode, startsWith } from '../text.ts'
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

/** Requests beyond the first at most. */
const QUESTIONS_CAP = 10
/** Hops to the page that shows a face. */
const REDIRECTS_CAP = 2
/** A status that may mean "you should be speaking TLS": TLS gets its chance first. */
const MISDIRECTED = new Set([400, 421, 426, 497, 505])

function recognise(bytes: Uint8Array): Service | null {
  const response = parseHttp(bytes)
  if (response !== null) return toService(response, describePage(response))
  if (!/^\s{0,8}<(?:!doctype html|html|head|title|body)[\s>]/i.test(decode(bytes.subarray(0, 64)))) return null
  // HTTP/0.9: a body and nothing else (RFC 1945 section 3.1).
  const bare = parseHttp(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), bytes]))
  return bare === null ? null : { ...toService(bare, describePage(bare)), confidence: 0.6 }
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
  if (first === null)
    return /^<(?:!doctype )?html/i.test(Buffer.from(answer.subarray(0, 32)).toString()) ? ancient() : null
  const page = describePage(first)
  if (MISDIRECTED.has(first.status) && !session.tls && page.known.version) return toService(first, page)
  const known = await learnMore(session, first, page)
  const told = toService(first, { ...page, known })
  const icon = showsPages(first) ? await favicon(session, bodyText(first)) : null
  const found = icon === null ? told : { ...told, facts: { ...told.facts, favicon: icon } }
  if (/^Microsoft HTTPAPI/.test(known.product ?? '')) return (await behindHttpSys(session)) ?? found
  const mayTunnel = first.status >= 400 && first.status !== 401 && found.name === 'http' && !page.isApplication
  return mayTunnel && !isGeneral(known.product ?? '') && (await tunnels(session, first.status))
    ? { ...found, name: 'http-proxy' }
    : found
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

/** HTTP/0.9: a body and nothing else (RFC 1945 section 3.1). */
const ancient = (): Service => service('http', { info: 'HTTP/0.9', confidence: 0.6 })

/** Puts further questions until product and version are known, or nothing is left to ask. */
async function learnMore(session: Session, first: HttpResponse, page: Page): Promise<Known> {
  const seen = [first]
  let known = page.known
  let at = page
  for (let hop = 0; hop < REDIRECTS_CAP && !at.isApplication; hop++) {
    const target = followUp(seen.at(-1) ?? first, session)
    const response = target && (await another(session, target, []))
    if (!response) break
    seen.push(response)
    at = describePage(response)
    known = merged(known, at, null)
  }
  for (const question of HTTP_QUESTIONS) {
    if (seen.length > QUESTIONS_CAP || (known.product && known.version)) break
    const fits = question.of ? question.of.test(known.product ?? '') : !known.product
    const carry = question.carry === undefined ? [] : carried(question.carry, seen)
    if (!fits || carry === null) continue
    const response = await another(session, question, carry)
    if (response === null) break
    seen.push(response)
    known = merged(known, describePage(response), metrics(response) ?? versionOf(response, question))
  }
  return known.product || seen.length === 1 ? known : { ...known, ...(await scold(session)) }
}

/** A redirect to a page of the same server often leads to the title that names the product. */
function followUp(first: HttpResponse, { hostname, address, port }: Session): HttpQuestion | null {
  const refresh = /<meta[^>]{1,80}url=["']?([^"'> ]{1,200})/i.exec(bodyText(first))?.[1]
  const target = header(first, 'location') ?? refresh ?? ''
  const [, host, toPort, path] = /^(?:https?:\/\/([^/:]+)(?::(\d+))?)?(\/?[\w./?=&%~-]*)/.exec(target) ?? []
  const here = host === undefined || ((host === hostname || host === address) && Number(toPort ?? port) === port)
  return path && path !== '/' && here ? { path: path.startsWith('/') ? path : `/${path}` } : null
}

/** The header to send back, from the last answer that had it; null when none did. */
function carried(name: string, seen: readonly HttpResponse[]): string[] | null {
  const value = seen.map((response) => header(response, name)).findLast((v) => v !== null)
  return value == null ? null : [`${name}: ${value.replace(/[^\x20-\x7e]/g, '').slice(0, 256)}`]
}

async function another(
  session: Session,
  question: HttpQuestion,
  extra: readonly string[],
): Promise<HttpResponse | null> {
  try {
    await session.reopen()
    return parseHttp(await ask(session, question, extra))
  } catch (error) {
    if (error instanceof Mishap) return null
    throw error
  }
}

/** What came later fills gaps; it replaces a product that was unknown, or an application's mere server. */
function merged(known: Known, later: Page, version: Known | null): Known {
  const all = { ...known, ...version }
  if (version?.product) return all
  if (!known.product || (later.isApplication && !isGeneral(known.product) && later.known.product !== known.product))
    return { ...later.known, ...version }
  if (later.known.product !== known.product) return all
  return { ...all, ...later.known, version: later.known.version ?? all.version ?? null }
}

/** metric => `<name>_build_info{...version="1.5.0"...} 1` (Prometheus text format 0.0.4) */
function metrics(response: HttpResponse): Known | null {
  const text = bodyText(response)
  for (const [, prefix = '', version = ''] of text.matchAll(
    /^(\w{1,64}?)_build_info\{[^}\n]{0,300}?\b(?:\1_|git_?)?version="v?([^"\n]{1,64})"/gm,
  )) {
    if (prefix === 'go') continue
    // All parts of Kubernetes call their build the same; this one has metrics of its own name.
    if (prefix === 'kubernetes' && /^kubelet_/m.test(text))
      return {
        product: 'Kubernetes kubelet',
        vendor: 'Kubernetes',
        version,
        cpe: [cpe('a', 'kubernetes', 'kubernetes', version)],
      }
    const product = BUILD_INFO_NAMES[prefix] ?? (prefix.endsWith('_exporter') ? `Prometheus ${prefix}` : null)
    // The page that bears this name knows who makes it.
    if (product !== null) return { ...matchTitle(product), product, version }
  }
  return null
}

/** A document in which the product asked for tells its version, or that is nothing but the version. */
function versionOf(response: HttpResponse, { tells }: HttpQuestion): Known | null {
  const text = response.status === 200 ? bodyText(response).trim() : ''
  const version = tells?.version.exec(text)?.groups?.version
  if (version !== undefined) return { version }
  return /^\d+\.\d+[\w.+-]{0,30}$/.test(text) ? { version: text } : null
}

/** How a server complains about nonsense is its own handwriting. */
async function scold(session: Session): Promise<Known> {
  try {
    await session.reopen()
    await session.write(Buffer.from('PORTOLAN\r\n\r\n'))
    const answer = await session.readUntil(isComplete)
    const response = parseHttp(answer)
    return response === null ? {} : (handwriting(answer) ?? describePage(response).known)
  } catch (error) {
    if (error instanceof Mishap) return {}
    throw error
  }
}

/** Complaints without any name, to the byte. */
const HANDWRITING: readonly (readonly [complaint: string, product: string])[] = [
  ['HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', 'Node.js'],
  [
    'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request',
    'Golang net/http server',
  ],
]

const handwriting = (answer: Uint8Array): Known | null => {
  const found = HANDWRITING.find(([complaint]) => startsWith(answer, complaint))
  return found === undefined ? null : { product: found[1] }
}

async function ask(session: Session, question: HttpQuestion, extra: readonly string[] = []): Promise<Uint8Array> {
  await sendRequest(session, question, extra)
  return session.readUntil(isComplete)
}
