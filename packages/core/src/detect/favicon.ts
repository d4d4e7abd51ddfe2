/**
 * The little picture of a web site: the same on every installation of a product, whatever its owner writes on the page.
 * Two hashes, so that results can be compared with both kinds of lists there are:
 *
 *   sha256   of the file
 *   murmur3  of the file in base64, in lines of 76 characters each ended by LF: what search engines for hosts index
 */
import { createHash } from 'node:crypto'
import { murmur3 } from '#core/wire/murmur3.ts'
import { createMatcher, type Known } from './fingerprint.ts'
import { FAVICONS } from './fingerprints/favicons.data.ts'
import { bodyBytes, type HttpResponse, header, isWhole } from './http-message.ts'
import { askAnew } from './http-request.ts'
import type { Json, Session } from './protocol.ts'

const STANDARD = '/favicon.ico'

const match = createMatcher(FAVICONS)

/** Whose icon this is; facts as `iconFacts` gives them. */
export const ownerOfIcon = ({ sha256 }: Readonly<Record<string, Json>>): Known | null => match(String(sha256))

/** Where this page says its icon is; only on the same server. */
export function iconPath(html: string): string {
  const links = html.matchAll(/<link\b[^>]{1,400}>/gi)
  const icon = [...links].slice(0, 50).find(([tag]) => /\brel=["']?(?:shortcut )?icon\b/i.test(tag))?.[0]
  const href = /\bhref=["']?([^"'\s>]{1,200})/i.exec(icon ?? '')?.[1]
  if (href === undefined || /^[a-z]+:|^\/\//i.test(href)) return STANDARD
  const path = href.replace(/^(?:\.{0,2}\/)+/, '').replace(/[^\x21-\x7e]/g, '')
  return `/${path}`
}

/** Facts about a file that is an icon, null when it is none. */
export function iconFacts(response: HttpResponse): Readonly<Record<string, Json>> | null {
  if (response.status !== 200 || !isWhole(response)) return null
  const file = bodyBytes(response)
  const page = /html|json|text\/plain/i.test(header(response, 'content-type') ?? '') || file[0] === 0x3c
  // An SVG begins with `<` too, and says what it is.
  if (file.length === 0 || (page && !/svg/i.test(header(response, 'content-type') ?? ''))) return null
  const lines = Buffer.from(file)
    .toString('base64')
    .replace(/.{1,76}/g, '$&\n')
  return { sha256: createHash('sha256').update(file).digest('hex'), murmur3: murmur3(Buffer.from(lines)) }
}

/** Asks for it on a connection of its own. `html`: a page of the server that may say where it is. */
export async function favicon(session: Session, html: string): Promise<Readonly<Record<string, Json>> | null> {
  const response = await askAnew(session, { path: iconPath(html) })
  return response && iconFacts(response)
}
