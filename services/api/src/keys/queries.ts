import type { PrismaClient } from '@portolan/db/client.ts'
import type { Pool } from 'pg'
import type { KeyStore, StoredKey } from '../http/authenticate.ts'
import { isKeyScope } from '../http/caller.ts'
import type { Key } from './schema.ts'

const COLUMNS = `k.id, k.project_id, k.name, k.secret_hash, k.scopes, k.target_limits::text[] AS target_limits, k.rate_limit,
  k.max_scans, k.daily_probes, k.revoked_at,
  (k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute') AS stale`

const FIND = {
  name: 'key-by-public-id',
  text: `SELECT ${COLUMNS}, k.expires_at FROM api_keys k WHERE k.public_id = $1`,
}

const FIND_SESSION = {
  name: 'key-by-session',
  text: `SELECT ${COLUMNS}, least(k.expires_at, s.expires_at) AS expires_at
    FROM sessions s JOIN api_keys k ON k.id = s.key_id WHERE s.token_hash = $1`,
}

interface KeyRow {
  readonly id: string
  readonly project_id: string
  readonly name: string
  readonly secret_hash: Buffer
  readonly scopes: string[]
  readonly target_limits: string[]
  readonly rate_limit: number | null
  readonly max_scans: number | null
  readonly daily_probes: number | null
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
  readonly stale: boolean
}

/** What the authenticator reads. `last_used_at` is written once a minute at most, and nobody waits for it. */
export function keyStore(pool: Pool, onError: (error: Error) => void): KeyStore {
  const one = async (query: { name: string; text: string; values: unknown[] }) => {
    const { rows } = await pool.query<KeyRow>(query)
    const [row] = rows
    if (row === undefined) return null
    if (row.stale) pool.query('UPDATE api_keys SET last_used_at = now() WHERE id = $1', [row.id]).catch(onError)
    return storedOf(row)
  }
  return {
    find: (publicId) => one({ ...FIND, values: [publicId] }),
    findSession: (tokenHash) => one({ ...FIND_SESSION, values: [tokenHash] }),
  }
}

const FIND_BY_ID = { name: 'key-by-id', text: `SELECT ${COLUMNS}, k.expires_at FROM api_keys k WHERE k.id = $1` }

/** A key that something acts for while nobody shows it. */
export async function callerOfKey(pool: Pool, id: string): Promise<StoredKey | null> {
  const { rows } = await pool.query<KeyRow>({ ...FIND_BY_ID, values: [id] })
  return rows[0] ? storedOf(rows[0]) : null
}

function storedOf(row: KeyRow): StoredKey {
  return {
    caller: {
      projectId: row.project_id,
      keyId: row.id,
      keyName: row.name,
      scopes: row.scopes.filter(isKeyScope),
      targetLimits: row.target_limits,
      rateLimit: row.rate_limit,
      maxScans: row.max_scans,
      dailyProbes: row.daily_probes,
      expiresAt: row.expires_at,
    },
    secretHash: row.secret_hash,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  }
}

type Row = NonNullable<Awaited<ReturnType<PrismaClient['apiKey']['findFirst']>>>

export async function findKey(prisma: PrismaClient, projectId: string, id: string): Promise<Key | null> {
  const row = await prisma.apiKey.findFirst({ where: { id, projectId } })
  return row ? viewOf(row) : null
}

/** Oldest first. */
export async function listKeys(
  prisma: PrismaClient,
  projectId: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<Key[]> {
  const where = { projectId, ...(after !== null && { id: { gt: after } }) }
  const rows = await prisma.apiKey.findMany({ where, orderBy: { id: 'asc' }, take: limit })
  return rows.map(viewOf)
}

export function viewOf(row: Row): Key {
  return {
    id: row.id,
    publicId: row.publicId,
    name: row.name,
    scopes: row.scopes.filter(isKeyScope),
    targetLimits: row.targetLimits,
    rateLimit: row.rateLimit,
    maxScans: row.maxScans,
    dailyProbes: row.dailyProbes === null ? null : Number(row.dailyProbes),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  }
}
