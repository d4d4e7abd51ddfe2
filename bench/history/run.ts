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
  const { token, publicId, secretHash } = makeApiKey()
  const data = { projectId: DEFAULT_PROJECT, publicId, secretHash, name: 'bench', scopes: ['read'] }
  await db.prisma.apiKey.create({ data })
  await measure(token)
} finally {
  await postgres.stop()
  if (values.dir === undefined) await rm(folder, { recursive: true, force: true })
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
  const times = new Map(QUESTIONS.map(({ name }) => [name, [] as number[]]))
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
      await response.arrayBuffer()
      // A host nobody has seen is an answer as well.
      if (response.status !== 200 && response.status !== 404) throw new Error(`${question.name}: ${response.status}`)
      times.get(question.name)?.push(performance.now() - begun)
    }
  }
  const ask = async (questions: readonly Question[], requests: number) => {
    asked = questions
    left = requests
    await Promise.all([client(), client()])
  }
  // Apart, so that a slow one does not make the others wait for its pages.
  await ask(
    QUESTIONS.filter(({ beside }) => !beside),
    Number(values.requests),
  )
  await ask(
    QUESTIONS.filter(({ beside }) => beside),
    Number(values.requests) / 100,
  )
  await api.stop()
  report(times)
}

/** The same questions in each run. */
function seeded(): Pick {
  let state = 1
  return (below) => {
    state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647 || 1
    return state % below
  }
}

function report(times: ReadonlyMap<string, readonly number[]>): void {
  const all = QUESTIONS.filter(({ beside }) => !beside).flatMap(({ name }) => times.get(name) ?? [])
  const rows = Object.fromEntries(
    [...times, ['all about endpoints', all] as const].map(([name, list]) => [name, summary(list)]),
  )
  console.table(rows)
  console.log(JSON.stringify({ endpoints: values.endpoints, observations: values.observations, questions: rows }))
}

function summary(list: readonly number[]) {
  const sorted = list.toSorted((a, b) => a - b)
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10
  return { requests: list.length, 'p50, ms': at(0.5), 'p99, ms': at(0.99), 'max, ms': at(1) }
}
