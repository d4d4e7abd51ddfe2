/**
 * API keys: `ptl_<public id>_<secret>`. The public id finds the row, the secret proves the right. Only the SHA-256 of
 * the secret is stored: 256 random bits cannot be guessed, so a slow hash would protect nothing and cost every request.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

const PUBLIC_BYTES = 8
const SECRET_BYTES = 32
const TOKEN = /^ptl_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/

export interface NewApiKey {
  /** What the holder sends. Shown once, never stored. */
  readonly token: string
  readonly publicId: string
  readonly secretHash: Uint8Array<ArrayBuffer>
}

export function makeApiKey(random: (bytes: number) => Buffer = randomBytes): NewApiKey {
  const publicId = random(PUBLIC_BYTES).toString('hex')
  const secret = random(SECRET_BYTES).toString('base64url')
  return { token: `ptl_${publicId}_${secret}`, publicId, secretHash: hashSecret(secret) }
}

/** The parts of a token, null when it is none of ours. */
export function parseApiKey(token: string): { readonly publicId: string; readonly secret: string } | null {
  const [, publicId, secret] = TOKEN.exec(token) ?? []
  return publicId === undefined || secret === undefined ? null : { publicId, secret }
}

export function hashSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', secret, 'buffer'))
}

/** Takes the same time whatever is wrong. */
export function secretMatches(secret: string, stored: Uint8Array): boolean {
  return stored.length === 32 && timingSafeEqual(hashSecret(secret), stored)
}
