/** Further questions to a web server that did not say who it is, or which version: each on a connection of its own. */
import type { Known } from './fingerprint.ts'
import { describePage, type Page } from './http-identity.ts'
import { bodyText, type HttpResponse, header, isComplete, parseHttp } from './http-message.ts'
import { HTTP_QUESTIONS, type HttpQuestion } from './http-questions.data.ts'
import { askAnew } from './http-request.ts'
import { versionTold } from './http-version.ts'
import { Mishap, type Session } from './protocol.ts'
import { isGeneral } from './server-header.ts'
import { startsWith } from './text.ts'

/** Requests beyond the first at most. */
const QUESTIONS_CAP = 10
/** Hops to the page that shows a face. */
const REDIRECTS_CAP = 2

/** Puts further questions until product and version are known, or nothing is left to ask. */
export async function learnMore(session: Session, first: HttpResponse, page: Page): Promise<Known> {
  const seen = [first]
  let known = page.known
  let at = page
  for (let hop = 0; hop < REDIRECTS_CAP && !at.isApplication; hop++) {
    const target = followUp(seen.at(-1) ?? first, session)
    const response = target && (await askAnew(session, target))
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
    const response = await askAnew(session, question, carry)
    if (response === null) break
    seen.push(response)
    known = merged(known, describePage(response), versionTold(response, question))
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

/** What came later fills gaps; it replaces a product that was unknown, or an application's mere server. */
function merged(known: Known, later: Page, version: Known | null): Known {
  const all = { ...known, ...version }
  // Whose server that is has a maker and a name of its own.
  if (version?.product && version.product !== known.product)
    return { ...all, vendor: version.vendor ?? null, cpe: version.cpe ?? [] }
  if (version?.product) return all
  if (!known.product || (later.isApplication && !isGeneral(known.product) && later.known.product !== known.product))
    return { ...later.known, ...version }
  if (later.known.product !== known.product) return all
  return { ...all, ...later.known, version: later.known.version ?? all.version ?? null }
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
