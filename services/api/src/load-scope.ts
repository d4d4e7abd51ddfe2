import { parseCidr } from '@portolan/core/target/cidr.ts'
import type { Scope } from '@portolan/core/target/guard.ts'
import type { Pool } from 'pg'

const SCOPE = {
  name: 'scope-of-project',
  text: `SELECT cidr::text AS cidr, expires_at, NULL AS reason, true AS allow FROM scopes WHERE project_id = $1
    UNION ALL SELECT cidr::text, NULL, reason, false FROM do_not_scan`,
}

interface ScopeRow {
  readonly cidr: string
  readonly expires_at: Date | null
  readonly reason: string | null
  readonly allow: boolean
}

export interface Scopes {
  /** What a project may scan now. */
  of(projectId: string): Promise<Scope>
  /** After a change made by this process. */
  forget(): void
}

/** How old, in milliseconds, the knowledge of a scope may be; the workers look again before every shard. */
const SCOPE_AGE = 500

/** Reads a project's scope twice a second at most, however many scans are started. */
export function createScopes(pool: Pool, own: readonly string[], now: () => Date): Scopes {
  const known = new Map<string, { readonly scope: Promise<Scope>; readonly at: number }>()
  return {
    of(projectId) {
      const at = now().getTime()
      const before = known.get(projectId)
      if (before && at - before.at < SCOPE_AGE) return before.scope
      const scope = loadScope(pool, projectId, own)
      known.set(projectId, { scope, at })
      scope.catch(() => known.get(projectId)?.scope === scope && known.delete(projectId))
      return scope
    },
    forget: () => known.clear(),
  }
}

/**
 * What a project may scan. The addresses of the installation's own database and queue are taken out unless an entry
 * names exactly that address: a /8 that happens to contain them was not meant as permission to knock on them.
 */
export async function loadScope(pool: Pool, projectId: string, own: readonly string[]): Promise<Scope> {
  const { rows } = await pool.query<ScopeRow>({ ...SCOPE, values: [projectId] })
  const allow = rows.flatMap((row) =>
    row.allow ? [{ cidr: row.cidr, expiresAt: row.expires_at?.getTime() ?? null }] : [],
  )
  const deny = rows.flatMap((row) => (row.allow ? [] : [{ cidr: row.cidr, reason: row.reason }]))
  const named = new Set(allow.map(({ cidr }) => cidr))
  const guarded = own.flatMap((address) => {
    const parsed = parseCidr(address)
    if (!parsed.ok) return []
    const cidr = `${address}/${parsed.value.prefix}`
    return named.has(cidr) ? [] : [{ cidr, reason: 'this installation itself runs there' }]
  })
  return { allow, deny: [...deny, ...guarded] }
}
