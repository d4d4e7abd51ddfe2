/** Do the database and the queue answer, where the environment names them? Libraries are loaded only then. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { clean } from '@portolan/core/detect/text.ts'
import { PLAN_QUEUE } from '@portolan/core/jobs.ts'
import type { ServiceUrls } from './env.ts'
import { broken, type Finding, fine } from './finding.ts'

/** Milliseconds a service may take to answer. */
const PATIENCE = 5_000
/** PostgreSQL 16, as server_version_num tells it. */
const OLDEST_POSTGRES = 160_000
/** Milliseconds two clocks may differ: what a lease of a shard and a schedule can bear. */
const SKEW = 2_000

export async function examineServices({ database, queue }: ServiceUrls): Promise<readonly Finding[]> {
  if (database === null && queue === null)
    return [
      fine('database', 'not configured: portolan up brings its own'),
      fine('queue', 'not configured: the database'),
    ]
  const asked = [database === null ? null : examineDatabase(database), queue === null ? null : examineQueue(queue)]
  return (await Promise.all(asked.filter((one) => one !== null))).flat()
}

async function examineDatabase(url: string): Promise<readonly Finding[]> {
  const where = placeOf(url)
  const fix = 'check DATABASE_URL, that the server runs, and that this machine may reach it: portolan check HOST PORT'
  try {
    const [{ createDb }, { migrationNames }] = await Promise.all([
      import('@portolan/db/client.ts'),
      import('@portolan/db/migrate.ts'),
    ])
    const { pool } = createDb(url, { connections: 1 })
    const before = Date.now()
    const { rows } = await inTime(
      pool.query<{ version: string; now: string; ledger: string | null }>(
        `SELECT current_setting('server_version_num') AS version, extract(epoch FROM clock_timestamp()) * 1000 AS now,
                to_regclass('_prisma_migrations')::text AS ledger`,
      ),
    )
    const took = Date.now() - before
    const { version = '0', now = `${before}`, ledger = null } = rows[0] ?? {}
    const applied = ledger === null ? [] : (await inTime(pool.query<{ n: number }>(APPLIED))).rows
    const wanted = (await migrationNames(fileURLToPath(new URL('migrations', MIGRATE)))).length
    return [
      judgeDatabase({ where, version: Number(version), applied: applied[0]?.n ?? 0, wanted }),
      judgeSkew(Number(now) - before, took),
    ]
  } catch (error) {
    return [broken('database', `${where}: ${reasonOf(error)}`, fix)]
  }
}

const MIGRATE = import.meta.resolve('@portolan/db/migrate.ts')
const APPLIED = `SELECT count(*)::int AS n FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`

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
  if (applied < wanted)
    return broken(
      name,
      `${said}, ${wanted - applied} of ${wanted} migrations are missing`,
      'start the API or portolan up',
    )
  return fine(name, said)
}

/** `ahead` was measured before the question was sent: the answer took up to `took` ms to be made. */
export function judgeSkew(ahead: number, took: number): Finding {
  const off = ahead < 0 ? -ahead : Math.max(0, ahead - took)
  const said = `this machine and the database differ by ${(off / 1000).toFixed(1)} s`
  if (off <= SKEW) return fine('clocks', said)
  return broken('clocks', said, 'set both by NTP: timedatectl set-ntp true')
}

async function examineQueue(url: string): Promise<readonly Finding[]> {
  const where = placeOf(url)
  try {
    const { openQueues } = await import('@portolan/queue/queues.ts')
    const queues = openQueues(url, { timeout: PATIENCE })
    const { waiting, active, delayed } = await queues.queue(PLAN_QUEUE).counts()
    const said = `${where}, BullMQ on ${queues.backend === 'redis' ? 'Redis' : 'PostgreSQL'}`
    return [fine('queue', `${said}, ${waiting + delayed} scans wait to be planned, ${active} are`)]
  } catch (error) {
    const fix = 'check QUEUE_URL, and that the server runs; start the API or portolan up to make the tables'
    return [broken('queue', `${where}: ${reasonOf(error)}`, fix)]
  }
}

/** Without name and password. */
function placeOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).host}${new URL(url).pathname}` : 'not a URL'
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = sleep(PATIENCE, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${PATIENCE / 1000} s`)
  })
  return Promise.race([work, late])
}

/** The innermost cause, which is what can be mended. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return reasonOf(error.cause)
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return clean(error.message || error.name)
}
