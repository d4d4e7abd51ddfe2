/** Who is asking. */

/** What a key may do, weakest first; each includes those before it. */
export const KEY_SCOPES = ['read', 'scan', 'manage', 'admin'] as const
export type KeyScope = (typeof KEY_SCOPES)[number]

export interface Caller {
  readonly projectId: string
  /** Null for routes that need no key. */
  readonly keyId: string | null
  readonly keyName: string | null
  readonly scopes: readonly KeyScope[]
  /** The only networks this key may scan, CIDR; empty: whatever the project's scopes allow. */
  readonly targetLimits: readonly string[]
  /** Requests per minute; null: the installation's default. */
  readonly rateLimit: number | null
  /** Scans that may be unfinished at once, and probes in any 24 hours; null: no such limit. */
  readonly maxScans: number | null
  readonly dailyProbes: number | null
  /** When the key, or the session that stands for it, ends; null: never. */
  readonly expiresAt: Date | null
}

export const ANONYMOUS: Caller = {
  projectId: '00000000-0000-0000-0000-000000000000',
  keyId: null,
  keyName: null,
  scopes: [],
  targetLimits: [],
  rateLimit: null,
  maxScans: null,
  dailyProbes: null,
  expiresAt: null,
}

export function isKeyScope(text: string): text is KeyScope {
  return KEY_SCOPES.some((scope) => scope === text)
}

export function mayUse(caller: Caller, needed: KeyScope | 'public'): boolean {
  if (needed === 'public') return true
  const rank = KEY_SCOPES.indexOf(needed)
  return caller.scopes.some((scope) => KEY_SCOPES.indexOf(scope) >= rank)
}
