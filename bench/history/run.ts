/**
 * Searching a long history: how long the questions of `questions.ts` take over HTTP, by two clients at once.
 *
 *     node bench/history/run.ts [--endpoints 10000000] [--observations 50000000] [--requests 4000] [--dir FOLDER]
 *
 * Builds the database first (10 M and 50 M take about half an hour and 25 GB); with --dir it is kept and used again.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { makeApiKey } from '@portolan/api/http/api-key.ts'
import { startApi } from '@portolan/api/start-api.ts'
import { createDb, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { migrate } from '@portolan/db/migrate.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import type pg from 'pg'
import { pino } from 'pino'
import { build } from './build.ts'
import { type Pick, QUESTIONS, type Question } from './questions.ts'

const { values } = parseArgs({
  options: {
    endpoints: { type: 'string', default: '10000000' },
    observations: { type: 'string', default: '50000000' },
    requests: { type: 'string', default: '4000' },
    dir: { type: 'string' },
  },
})
const folder = values.dir ?? (await mkdtemp(path.join(os.tmpdir(), 'portolan-history-')))
const say = (line: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`)

const postgres = await startPostgres(folder, { settings: ['max_wal_size=16GB', 'maintenance_work_mem=1GB'] })
// The database server runs as somebody else when we are root.
if (values.dir === undefined) await chmod(folder, 0o755)
try {
  await migrate(postgres.url)
  await using db = createDb(postgres.url)
  const { rows } = await db.pool.query('SELECT FROM endpoints LIMIT 1')
  if (rows.length === 0)
    await build(db.pool, { endpoints: Number(values.endpoints), observations: Number(values.observations) }, say)
  await label(db.pool)
  const { token, publicId, secretHash } = makeApiKey()
  const data = { projectId: DEFAULT_PROJECT, publicId, secretHash, name: 'bench', scopes: ['read'] }
  await db.prisma.apiKey.create({ data })
  await measure(token)
} finally {
  await postgres.stop()
  if (values.dir === undefined) await rm(folder, { recursive: true, force: true })
}

/** The questions ask for these as well. */
async function label(db: pg.Pool): Promise<void> {
  await db.query(
    `INSERT INTO tags (project_id, name, targets) VALUES ($1, 'bench', '{10.7.0.0/16,10.99.3.0/24}') ON CONFLICT DO NOTHING`,
    [DEFAULT_PROJECT],
  )
  await db.query(
    `INSERT INTO host_names (project_id, name, addresses, asked_at)
     SELECT $1, CASE n WHEN 0 THEN 'www' ELSE 'n' || n END || '.bench.test', ARRAY['10.0.0.0'::inet + n * 997], now()
     FROM generate_series(0, 999) n ON CONFLICT DO NOTHING`,
    [DEFAULT_PROJECT],
  )
}

async function measure(token: string): Promise<void> {
  const api = await startApi({
    databaseUrl: postgres.url,
    queueUrl: postgres.url,
    host: '127.0.0.1',
    port: 0,
    log: pino({ level: 'warn' }),
    rateLimit: 100_000_000,
  })
  const times = new Map(QUESTIONS.map(({ name }) => [name, [] as Answer[]]))
  const pick = seeded()
  let left = 0
  let asked: readonly Question[] = []
  const client = async () => {
    while (left > 0) {
      const question = asked[left-- % asked.length]
      if (question === undefined) continue
      const begun = performance.now()
      const response = await fetch(`${api.url}${question.path(pick)}`, {
        headers: { Authorization: `Bearer ${token}` },
      })
      const text = await response.text()
      const ms = performance.now() - begun
      // A host nobody has seen is an answer as well, and so is that a search leaves too much to be sorted.
      if (![200, 404, 422].includes(response.status)) throw new Error(`${question.name}: ${response.status}`)
      times.get(question.name)?.push({ ms, short: isShort(text), refused: response.status === 422 })
    }
  }
  const ask = async (questions: readonly Question[], requests: number) => {
    asked = questions
    left = requests
    await Promise.all([client(), client()])
  }
  const main = QUESTIONS.filter(({ beside }) => !beside)
  // A service that has run for a while has read the upper pages of its indexes.
  await ask(main, main.length * 3)
  for (const answers of times.values()) answers.length = 0
  // Apart, so that a slow one does not make the others wait for its pages.
  await ask(main, Number(values.requests))
  await ask(
    QUESTIONS.filter(({ beside }) => beside),
    Number(values.requests) / 100,
  )
  await api.stop()
  report(times)
}

/** `short`: a page that is not full, and yet not the last one: the search goes on behind it. */
type Answer = { readonly ms: number; readonly short: boolean; readonly refused: boolean }

function isShort(text: string): boolean {
  const { items, next } = JSON.parse(text)
  return Array.isArray(items) && typeof next === 'string' && items.length < 50 && !text.includes('"facets":{')
}

/** The same questions in each run. */
function seeded(): Pick {
  let state = 1
  return (below) => {
    state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647 || 1
    return state % below
  }
}

function report(times: ReadonlyMap<string, readonly Answer[]>): void {
  const all = QUESTIONS.filter(({ beside }) => !beside).flatMap(({ name }) => times.get(name) ?? [])
  const rows = Object.fromEntries(
    [...times, ['all about endpoints', all] as const].map(([name, list]) => [name, summary(list)]),
  )
  console.table(rows)
  console.log(JSON.stringify({ endpoints: values.endpoints, observations: values.observations, questions: rows }))
}

function summary(list: readonly Answer[]) {
  const sorted = list.map(({ ms }) => ms).sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10
  const short = list.filter((answer) => answer.short).length
  const refused = list.filter((answer) => answer.refused).length
  const times = { 'p50, ms': at(0.5), 'p99, ms': at(0.99), 'max, ms': at(1) }
  return { requests: list.length, ...times, 'short pages': short, refused }
}
