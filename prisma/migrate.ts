/**
 * Applies prisma/migrations. No engine, no download: plain SQL through `pg`, in Prisma's own layout, ledger and lock,
 * so that `prisma migrate deploy` and `status` go on working on the same database.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { databaseUrl } from './env.ts'

/** The key Prisma's engine takes itself: the two never migrate at the same time. */
const LOCK = 72_707_369

const LEDGER = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`

type Entry = { readonly migration_name: string; readonly checksum: string; readonly finished_at: Date | null }

/**
 * Brings the database up to date; returns the names of what it applied. One transaction per migration: a failed one
 * leaves nothing behind. Any number of processes may call it at once; the others wait and find nothing to do.
 * Throws when a migration fails, failed before (under Prisma's engine), or was edited after it was applied.
 */
export async function migrate(
  url: string,
  { directory = path.join(import.meta.dirname, 'migrations') }: { readonly directory?: string } = {},
): Promise<readonly string[]> {
  const db = new pg.Client({ connectionString: url, application_name: 'portolan migrate' })
  // A connection that breaks fails the query under way; the event beside it would end the process before that is told.
  db.on('error', () => {})
  await db.connect()
  try {
    await db.query('SELECT pg_advisory_lock($1)', [LOCK])
    await db.query(LEDGER)
    const { rows } = await db.query<Entry>(
      'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    )
    const known = new Map(rows.map((row) => [row.migration_name, row]))
    const applied: string[] = []
    for (const name of await migrationNames(directory)) {
      const sql = await readFile(path.join(directory, name, 'migration.sql'), 'utf8')
      if (await applyOnce(db, { name, sql, before: known.get(name) })) applied.push(name)
    }
    await makePartitions(db)
    return applied
  } finally {
    await db.end()
  }
}

export async function migrationNames(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

type Migration = { readonly name: string; readonly sql: string; readonly before: Entry | undefined }

async function applyOnce(db: pg.Client, { name, sql, before }: Migration): Promise<boolean> {
  const checksum = createHash('sha256').update(sql).digest('hex')
  if (before !== undefined) {
    if (before.finished_at === null) throw new Error(`migration ${name} failed before and was not resolved`)
    if (before.checksum !== checksum) throw new Error(`migration ${name} was edited after it was applied`)
    return false
  }
  try {
    await db.query('BEGIN')
    await db.query(sql)
    await db.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    )
    await db.query('COMMIT')
    return true
  } catch (cause) {
    await db.query('ROLLBACK')
    throw new Error(`migration ${name} failed: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

/** Months ahead of time, so it may fail behind a long-running export: the worker tries again every day. */
async function makePartitions(db: pg.Client): Promise<void> {
  try {
    await db.query('SELECT ensure_observation_partitions()')
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === '55P03')) throw error
  }
}

async function main(): Promise<void> {
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set')
  const applied = await migrate(databaseUrl)
  console.log(applied.length === 0 ? 'the database is up to date' : `applied ${applied.join(', ')}`)
}

// Not awaited: what awaits at its top cannot be required, and the packed command line requires this.
if (import.meta.main) void main()
