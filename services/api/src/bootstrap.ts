/** What a new installation needs before anybody can use it: a key, and permission to scan itself. */
import { networkInterfaces } from 'node:os'
import { type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { transaction } from '@portolan/db/transaction.ts'
import { hashSecret, makeApiKey, parseApiKey } from './http/api-key.ts'
import { canonicalCidr } from './http/network.ts'

export interface BootstrapOptions {
  /** A key chosen by whoever sets up the installation; unset: one is made. */
  readonly token?: string | undefined
  /** Addresses of this machine, loopback left out. */
  readonly addresses?: readonly string[]
}

export interface Bootstrapped {
  /** The first admin key, when this call made it. It cannot be shown again. */
  readonly token: string | null
}

/** Any number: the lock that lets one process at a time do this. */
const LOCK = 72_707_371

/**
 * Does nothing once the default project has a key, so every start may call it, several at a time. Scopes are made
 * only together with the first key: whoever removes one later does not find it back. In SQL: a start should not have
 * to load a query compiler.
 */
export async function ensureBootstrap(
  { pool }: Db,
  { token, addresses = machineAddresses() }: BootstrapOptions = {},
): Promise<Bootstrapped> {
  return transaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    const { rowCount } = await client.query('SELECT FROM api_keys WHERE project_id = $1 LIMIT 1', [DEFAULT_PROJECT])
    if (rowCount !== 0) return { token: null }
    const key = token === undefined ? makeApiKey() : givenKey(token)
    await client.query(KEY, [DEFAULT_PROJECT, key.publicId, key.secretHash])
    const blocks = ['127.0.0.0/8', '::1/128', ...addresses.map(canonicalCidr)]
    await client.query(SCOPES, [DEFAULT_PROJECT, [...new Set(blocks)]])
    await client.query(AUDIT, [DEFAULT_PROJECT])
    return { token: key.token }
  })
}

const KEY = `INSERT INTO api_keys (project_id, public_id, secret_hash, name, scopes)
  VALUES ($1, $2, $3, 'first key', '{admin}')`

const SCOPES = `INSERT INTO scopes (project_id, cidr, names_special, owner, reason, created_by)
  SELECT $1, cidr, true, 'whoever runs this installation', 'a new installation may scan itself', 'installation'
  FROM unnest($2::inet[]) AS cidr ON CONFLICT DO NOTHING`

const AUDIT = `INSERT INTO audit_entries (project_id, actor, action, target_type)
  VALUES ($1, 'installation', 'bootstrap', 'project')`

function givenKey(token: string) {
  const parsed = parseApiKey(token)
  if (parsed === null) throw new Error('the bootstrap key must be ptl_<16 hex digits>_<43 base64url characters>')
  return { token, publicId: parsed.publicId, secretHash: hashSecret(parsed.secret) }
}

/** Of every interface, loopback and link-local left out. */
function machineAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return all.filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address)).map(({ address }) => address)
}
