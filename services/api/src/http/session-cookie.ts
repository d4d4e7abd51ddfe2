/**
 * The cookie that a signed-in browser sends: 256 random bits that no script can read and no other site can make the
 * browser send. RFC 6265bis, sections 4.1.2 and 4.1.3 (SameSite, __Host-).
 */
import { hash, randomBytes } from 'node:crypto'
import type { Request } from 'express'
import { Problem } from './problem.ts'

const TOKEN = /^[A-Za-z0-9_-]{43}$/

export interface NewSessionToken {
  /** For the browser alone. */
  readonly token: string
  readonly hash: Uint8Array<ArrayBuffer>
}

export function makeSessionToken(): NewSessionToken {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: hashToken(token) }
}

/** Found by its hash in an index, so nothing is learned from how long that takes. */
export function hashToken(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', token, 'buffer'))
}

/** Over TLS a name that only this very host can set, for this very host. */
const cookieName = ({ secure }: Request) => (secure ? '__Host-portolan_session' : 'portolan_session')

/** Null when there is none, or none of our making. */
export function sessionToken(request: Request): string | null {
  const wanted = `${cookieName(request)}=`
  const pair = (request.headers.cookie ?? '').split(/; */).find((text) => text.startsWith(wanted))
  const token = pair?.slice(wanted.length) ?? ''
  return TOKEN.test(token) ? token : null
}

export function sessionCookie(request: Request, token: string, expires: Date): string {
  const secure = request.secure ? '; Secure' : ''
  return `${cookieName(request)}=${token}; Path=/; HttpOnly; SameSite=Strict; Expires=${expires.toUTCString()}${secure}`
}

export const expiredCookie = (request: Request) => sessionCookie(request, '', new Date(0))

/**
 * Throws `cross-site` unless the browser says that a page of ours sends this. SameSite alone lets pages of other ports
 * and sub-domains through. Over plain HTTP to another machine browsers send no Sec-Fetch-Site, but always Origin.
 */
export function requireOwnPage(request: Request): void {
  const { 'sec-fetch-site': site, origin } = request.headers
  const own = site === undefined ? hostOf(origin) === request.host : site === 'same-origin'
  if (!own) throw new Problem('cross-site', `this came from ${site ?? (origin ? 'another origin' : 'no page at all')}`)
}

const hostOf = (origin: string | undefined) => (origin && URL.canParse(origin) ? new URL(origin).host : null)
