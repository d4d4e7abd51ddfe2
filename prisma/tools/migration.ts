/**
 * `npm run db:migration NAME` writes the next migration from what changed in schema.prisma; read and edit it before
 * you commit it. `npm run db:check` fails when schema.prisma and the migrations disagree.
 *
 * Both replay the migrations in a throw-away PostgreSQL.
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { openEngine } from './engine.ts'

const [command, name] = process.argv.slice(2)
const usage = 'usage: migration.ts check | create NAME (lower case, words joined by _)'

async function pending(): Promise<string | null> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-migration-'))
  // PostgreSQL runs as somebody else when we are root.
  await chmod(folder, 0o755)
  const postgres = await startPostgres(folder)
  try {
    await using engine = await openEngine(postgres.url)
    return await engine.pending()
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true })
  }
}

if (command === 'check') {
  const sql = await pending()
  console.log(sql === null ? 'schema.prisma and the migrations agree' : `a migration is missing:\n${sql}`)
  process.exitCode = sql === null ? 0 : 1
} else if (command === 'create' && name !== undefined && /^[a-z0-9_]+$/.test(name)) {
  const sql = await pending()
  const moment = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const folder = path.resolve(import.meta.dirname, '../migrations', `${moment}_${name}`)
  if (sql !== null) {
    await mkdir(folder)
    await writeFile(path.join(folder, 'migration.sql'), sql)
  }
  console.log(sql === null ? 'nothing changed' : `wrote ${folder}/migration.sql`)
} else {
  console.error(usage)
  process.exitCode = 2
}
