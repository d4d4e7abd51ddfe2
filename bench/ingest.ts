/**
 * How fast observations get into their table, side by side with plain COPY of the same rows into the same table.
 *
 *     node bench/ingest.ts [rows=100000] [rounds=3] [batch=5000]
 */
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createDb, type Db } from '@portolan/db/client.ts'
import { migrate } from '@portolan/db/migrate.ts'
import { type Observation, writeObservations } from '@portolan/db/observations.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { from as copyFrom } from 'pg-copy-streams'

const [count = 100_000, rounds = 3, batch = 5_000] = process.argv.slice(2).map(Number)

type Kind = 'state only' | 'with service'
type Way = (db: Db, rows: readonly Observation[]) => Promise<void>

const service = {
  name: 'http',
  product: 'nginx',
  version: '1.22.1',
  vendor: 'F5',
  info: 'Welcome to nginx!',
  os: null,
  device: null,
  hostname: null,
  cpe: ['cpe:2.3:a:f5:nginx:1.22.1:*:*:*:*:*:*:*'],
  confidence: 1,
  facts: { status: 200, title: 'Welcome to nginx!' },
}
const evidence = Buffer.from(
  'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\nContent-Length: 615\r\n\r\n',
)

/** One port of `count` addresses in the order a scan meets them: all over the place. */
function observe(kind: Kind): Observation[] {
  const seenAt = new Date()
  return Array.from({ length: count }, (_, i) => {
    const address = (Math.imul(i, 2_654_435_761) >>> 8) & 0xff_ff_ff
    return {
      ip: `10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`,
      port: 80,
      state: 'open',
      reason: 'syn-ack',
      rtt: (i % 5_000) / 100,
      seenAt,
      detection:
        kind === 'state only' ? null : { status: 'identified', method: 'probed', service, tls: null, evidence },
    }
  })
}

const COMMON = ['scan_id', 'vantage', 'transport', 'ip', 'port', 'state', 'reason', 'rtt', 'seen_at']
const SERVICE = ['detection', 'method', 'confidence', 'service', 'product', 'version', 'vendor', 'info', 'cpe', 'facts']
const EVIDENCE = ['evidence', 'evidence_text']

/** Nothing but the text that COPY wants, no key looked up, nothing cleaned: the fastest there is. */
const plainCopy: Way = async (db, rows) => {
  const told = rows[0]?.detection != null
  const columns = told ? [...COMMON, ...SERVICE, ...EVIDENCE] : COMMON
  const { name, product, version, vendor, info, cpe, facts } = service
  const text = evidence.toString().replaceAll('\r', '\\r').replaceAll('\n', '\\n')
  const detection = ['identified', 'probed', 1, name, product, version, vendor, info, `{"${cpe[0]}"}`]
  const constant = [...detection, JSON.stringify(facts), `\\\\x${evidence.toString('hex')}`, text].join('\t')
  const client = await db.pool.connect()
  const { rows: ids } = await client.query<{ id: string }>('SELECT uuid_v7() AS id')
  for (let from = 0; from < rows.length; from += batch) {
    const stream = client.query(copyFrom(`COPY observations (${columns.join(', ')}) FROM STDIN`))
    let lines = ''
    for (const r of rows.slice(from, from + batch)) {
      const common = `${ids[0]?.id}\tdefault\ttcp\t${r.ip}\t${r.port}\t${r.state}\t${r.reason}\t${r.rtt}`
      lines += `${common}\t${r.seenAt.toISOString()}${told ? `\t${constant}` : ''}\n`
    }
    stream.end(lines)
    await once(stream, 'finish')
  }
  client.release()
}

const ours: Way = async (db, rows) => {
  const client = await db.pool.connect()
  const { rows: ids } = await client.query<{ id: string }>('SELECT uuid_v7() AS id')
  const by = { scanId: ids[0]?.id ?? '', vantage: 'default', transport: 'tcp' } as const
  for (let from = 0; from < rows.length; from += batch) {
    await client.query('BEGIN')
    await writeObservations(client, by, rows.slice(from, from + batch))
    await client.query('COMMIT')
  }
  client.release()
}

async function rate(db: Db, way: Way, rows: readonly Observation[]): Promise<number> {
  await db.pool.query('TRUNCATE observations')
  await db.pool.query('CHECKPOINT')
  const start = performance.now()
  await way(db, rows)
  const seconds = (performance.now() - start) / 1_000
  const { rows: found } = await db.pool.query('SELECT count(*) AS n FROM observations')
  if (found[0].n !== rows.length) throw new Error(`${found[0].n} of ${rows.length} rows arrived`)
  return rows.length / seconds
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

/** What a row takes on disk, indexes included, as the last to write left it. */
async function bytesPerRow(db: Db): Promise<number> {
  const { rows } = await db.pool.query(
    `SELECT sum(pg_total_relation_size(relid))::float8 AS bytes FROM pg_partition_tree('observations')`,
  )
  return Math.round(rows[0].bytes / count)
}

async function compare(db: Db, kind: Kind) {
  const rows = observe(kind)
  const rates: { copy: number[]; ours: number[] } = { copy: [], ours: [] }
  // A first round to warm up, and then in turn, so that neighbours on the machine disturb both alike.
  for (let round = 0; round <= rounds; round++) {
    const [copy, own] = [await rate(db, plainCopy, rows), await rate(db, ours, rows)]
    if (round === 0) continue
    rates.copy.push(copy)
    rates.ours.push(own)
  }
  const [copy, own] = [Math.round(median(rates.copy)), Math.round(median(rates.ours))]
  const ratio = Number((own / copy).toFixed(2))
  return { rows: kind, 'COPY rows/s': copy, 'ours rows/s': own, ratio, 'bytes/row': await bytesPerRow(db) }
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-ingest-'))
await chmod(folder, 0o755)
const postgres = await startPostgres(folder)
try {
  await migrate(postgres.url)
  await using db = createDb(postgres.url)
  const results = [await compare(db, 'state only'), await compare(db, 'with service')]
  console.table(results)
  console.log(JSON.stringify({ bench: 'ingest', count, rounds, batch, bar: 0.7, results }))
} finally {
  await postgres.stop()
  await rm(folder, { recursive: true })
}
