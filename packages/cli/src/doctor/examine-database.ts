import { fileURLToPath } from 'node:url'
import { createDb } from '@portolan/db/client.ts'
import { migrationNames } from '@portolan/db/migrate.ts'
import { endpointOf } from './connectable.ts'
import { broken, type Finding, fine } from './finding.ts'
import { judgeVantages } from './judge-vantages.ts'
import { inTime, placeOf, reasonOf } from './reason.ts'

/** PostgreSQL 16, as server_version_num tells it. */
const OLDEST_POSTGRES = 160_000
const FORM = 'postgres://USER:PASSWORD@HOST/NAME, or leave it unset for the one portolan up brings'
/** Milliseconds two clocks may differ: what a lease of a shard and a schedule can bear. */
const SKEW = 2_000
const MIGRATE = import.meta.resolve('@portolan/db/migrate.ts')

const FACTS = `SELECT current_setting('server_version_num') AS version, extract(epoch FROM clock_timestamp()) * 1000 AS now,
                      to_regclass('_prisma_migrations')::text AS ledger`
const APPLIED = `SELECT count(*)::int AS n FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`
const WORKERS = `SELECT vantage, count(*) FILTER (WHERE heartbeat_at > now() - interval '45 seconds')::int AS alive
                   FROM workers GROUP BY vantage`
const WANTED = `SELECT DISTINCT unnest(vantages) AS vantage FROM scans WHERE status IN ('queued', 'planning', 'running')`

type Db = ReturnType<typeof createDb>

/** `vantage`: what the worker on this machine calls its place; null: there is none. */
export async function examineDatabase(url: string, vantage: string | null): Promise<readonly Finding[]> {
  const where = placeOf(url)
  if (!/^postgres(?:ql)?:\/\//.test(url))
    return [broken('database', 'DATABASE_URL is not the URL of a PostgreSQL', `write ${FORM}`)]
  try {
    const db = createDb(url, { connections: 1 })
    const before = Date.now()
    const { rows } = await inTime(db.pool.query<{ version: string; now: string; ledger: string | null }>(FACTS))
    const took = Date.now() - before
    const { version = '0', now = `${before}`, ledger = null } = rows[0] ?? {}
    const applied = ledger === null ? [] : (await inTime(db.pool.query<{ n: number }>(APPLIED))).rows
    const wanted = (await migrationNames(fileURLToPath(new URL('migrations', MIGRATE)))).length
    const facts = { where, version: Number(version), applied: applied[0]?.n ?? 0, wanted }
    const database = judgeDatabase(facts)
    const clocks = judgeSkew(Number(now) - before, took)
    return database.health === 'fine' ? [database, clocks, await examineVantages(db, vantage)] : [database, clocks]
  } catch (error) {
    const at = endpointOf(url)
    const reach = at ? `: portolan check ${at.host} ${at.port} tells more` : ''
    return [broken('database', `${where}: ${reasonOf(error)}`, `check DATABASE_URL, and that the server runs${reach}`)]
  }
}

async function examineVantages({ pool }: Db, own: string | null): Promise<Finding> {
  const [workers, scans] = await inTime(
    Promise.all([pool.query<{ vantage: string; alive: number }>(WORKERS), pool.query<{ vantage: string }>(WANTED)]),
  )
  const alive = new Map(workers.rows.map((row) => [row.vantage, row.alive]))
  return judgeVantages({ alive, wanted: [...(own === null ? [] : [own]), ...scans.rows.map((row) => row.vantage)] })
}

export type DatabaseFacts = {
  readonly where: string
  /** server_version_num */
  readonly version: number
  /** Migrations it has, and those this Portolan brings. */
  readonly applied: number
  readonly wanted: number
}

export function judgeDatabase({ where, version, applied, wanted }: DatabaseFacts): Finding {
  const name = 'database'
  const said = `${where}, PostgreSQL ${Math.floor(version / 10_000)}`
  if (version < OLDEST_POSTGRES) return broken(name, said, 'Portolan needs PostgreSQL 16 or newer')
  if (applied >= wanted) return fine(name, said)
  return broken(name, `${said}, ${wanted - applied} of ${wanted} migrations are missing`, 'portolan migrate')
}

/** `ahead` was measured before the question was sent: the answer took up to `took` ms to be made. */
export function judgeSkew(ahead: number, took: number): Finding {
  const off = ahead < 0 ? -ahead : Math.max(0, ahead - took)
  const said = `this machine and the database differ by ${(off / 1000).toFixed(1)} s`
  if (off <= SKEW) return fine('clocks', said)
  return broken('clocks', said, 'set both by NTP: timedatectl set-ntp true')
}
