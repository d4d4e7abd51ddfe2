import { parseApiKey, secretMatches } from './api-key.ts'
import type { Caller } from './caller.ts'
import { Problem } from './problem.ts'

/** A stored key, as the store gives it. */
export interface StoredKey {
  readonly caller: Caller
  readonly secretHash: Uint8Array
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
}

export interface KeyStore {
  /** Also notes that the key was used. */
  find(publicId: string): Promise<StoredKey | null>
}

export interface Authenticator {
  /** Throws `unauthorized`. */
  authenticate(authorization: string | undefined): Promise<Caller>
  /** Makes a change to a key count at once in this process; others notice within the age below. */
  forget(): void
}

/** How old, in milliseconds, the knowledge of a key may be: a revoked key works no longer than this. */
const KEY_AGE = 1_000
const MOST_KEYS = 10_000

const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="portolan"' }

/** A key is looked up once a second however many requests it makes. Unknown keys are not remembered. */
export function createAuthenticator(store: KeyStore, now: () => Date): Authenticator {
  const known = new Map<string, { readonly key: Promise<StoredKey | null>; readonly at: number }>()
  const find = (publicId: string): Promise<StoredKey | null> => {
    const at = now().getTime()
    const before = known.get(publicId)
    if (before && at - before.at < KEY_AGE) return before.key
    if (known.size >= MOST_KEYS) known.clear()
    const key = store.find(publicId)
    known.set(publicId, { key, at })
    const forget = () => known.get(publicId)?.key === key && known.delete(publicId)
    key.then((found) => found === null && forget(), forget)
    return key
  }
  return {
    forget: () => known.clear(),
    async authenticate(authorization) {
      if (authorization === undefined)
        throw new Problem('unauthorized', 'the Authorization header is missing', { headers: CHALLENGE })
      const [, token = ''] = /^bearer +(\S+) *$/i.exec(authorization) ?? []
      const parts = parseApiKey(token)
      if (parts === null)
        throw new Problem('unauthorized', 'the Authorization header does not hold a key of this service', {
          headers: CHALLENGE,
        })
      const key = await find(parts.publicId)
      // One answer for an unknown id and a wrong secret: a caller learns nothing about which keys exist.
      if (key === null || !secretMatches(parts.secret, key.secretHash))
        throw new Problem('unauthorized', 'this API key is not known', { headers: CHALLENGE })
      if (key.revokedAt !== null) throw new Problem('unauthorized', 'this API key was revoked', { headers: CHALLENGE })
      if (key.expiresAt !== null && key.expiresAt <= now())
        throw new Problem('unauthorized', 'this API key has expired', { headers: CHALLENGE })
      return key.caller
    },
  }
}
