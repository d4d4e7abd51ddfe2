import { parseApiKey, secretMatches } from './api-key.ts'
import type { Caller } from './caller.ts'
import { Problem } from './problem.ts'
import { hashToken } from './session-cookie.ts'

/** A stored key, as the store gives it. */
export interface StoredKey {
  readonly caller: Caller
  readonly secretHash: Uint8Array
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
}

/** Both also note that the key was used. */
export interface KeyStore {
  find(publicId: string): Promise<StoredKey | null>
  /** The key of a session; its expiry is the earlier one. */
  findSession(tokenHash: Uint8Array): Promise<StoredKey | null>
}

/** All throw `unauthorized`. */
export interface Authenticator {
  /** By the Authorization header. */
  authenticate(authorization: string | undefined): Promise<Caller>
  authenticateKey(token: string): Promise<Caller>
  authenticateSession(token: string): Promise<Caller>
  /** Makes a change to a key or a session count at once in this process; others notice within the age below. */
  forget(): void
}

/** How old, in milliseconds, the knowledge of a key may be: a revoked key works no longer than this. */
const KEY_AGE = 1_000
const MOST_KEYS = 10_000

const unauthorized = (detail: string) =>
  new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': 'Bearer realm="portolan"' } })

/** A key is looked up once a second however many requests it makes. Unknown keys are not remembered. */
export function createAuthenticator(store: KeyStore, now: () => Date): Authenticator {
  const keys = remember(store.find, now)
  const sessions = remember((token) => store.findSession(hashToken(token)), now)
  const authenticateKey = async (token: string) => {
    const parts = parseApiKey(token)
    if (parts === null) throw unauthorized('this is not an API key of this service')
    const key = await keys.find(parts.publicId)
    // One answer for an unknown id and a wrong secret: a caller learns nothing about which keys exist.
    if (key === null || !secretMatches(parts.secret, key.secretHash)) throw unauthorized('this API key is not known')
    return callerOf(key, 'this API key', now())
  }
  return {
    authenticateKey,
    forget() {
      keys.clear()
      sessions.clear()
    },
    async authenticate(authorization) {
      if (authorization === undefined) throw unauthorized('the Authorization header is missing')
      const [, token] = /^bearer +(\S+) *$/i.exec(authorization) ?? []
      if (token === undefined) throw unauthorized('the Authorization header does not hold a key of this service')
      return authenticateKey(token)
    },
    async authenticateSession(token) {
      const key = await sessions.find(token)
      if (key === null) throw unauthorized('this session is not known; sign in again')
      return callerOf(key, 'this session or its key', now())
    },
  }
}

function callerOf({ caller, expiresAt, revokedAt }: StoredKey, what: string, now: Date): Caller {
  if (revokedAt !== null) throw unauthorized(`${what} was revoked`)
  if (expiresAt !== null && expiresAt <= now) throw unauthorized(`${what} has expired`)
  return caller
}

function remember(look: (name: string) => Promise<StoredKey | null>, now: () => Date) {
  const known = new Map<string, { readonly key: Promise<StoredKey | null>; readonly at: number }>()
  return {
    clear: () => known.clear(),
    find(name: string): Promise<StoredKey | null> {
      const at = now().getTime()
      const before = known.get(name)
      if (before && at - before.at < KEY_AGE) return before.key
      if (known.size >= MOST_KEYS) known.clear()
      const key = look(name)
      known.set(name, { key, at })
      const forget = () => known.get(name)?.key === key && known.delete(name)
      key.then((found) => found === null && forget(), forget)
      return key
    },
  }
}
