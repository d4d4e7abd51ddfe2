/**
 * The API under load: scans started, scans read, a million rows exported. Everything is real and on this machine:
 * embedded PostgreSQL with its default durability (every commit waits for the disk), the queue on PostgreSQL, one API
 * process, wrk in front of it. Then half of the bar's load at a steady rate: what a user waits when the service is not
 * full.
 *
 *   node bench/api/run.ts [seconds per measurement, default 10]
 *
 * Prints a table and one JSON line. Needs wrk (Debian: apt-get install wrk).
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createDb } from '@portolan/db/client.ts'
import { migrate } from '@portolan/db/migrate.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { startApi } from '../start-api.ts'
import { giveServersPrecedence, takePrecedence } from '../take-precedence.ts'
import { type Steady, type SteadyRequest, steady } from './steady.ts'

const seconds = Number(process.argv[2] ?? 10)
const ROWS = 1_000_000
/** Half of what the bar asks for, a second. */
const HALF = { post: 500, get: 1_500 } as const
const KEY = `ptl_${'be'.repeat(8)}_${'b'.repeat(43)}`
const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-bench-'))
takePrecedence()
// The database server runs as somebody else when we are root.
await chmod(folder, 0o755)
const postgres = await startPostgres(folder)
giveServersPrecedence(folder)
await migrate(postgres.url)
const db = createDb(postgres.url)

interface Load {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly errors: number
  readonly requests: number
}

/** One wrk run; latencies in milliseconds. */
async function load(url: string, script: string, connections: number): Promise<Load> {
  const file = path.join(folder, 'script.lua')
  await writeFile(file, `${script}\n${REPORT}`)
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', file, url]
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  await once(child, 'close')
  return JSON.parse(text.slice(text.indexOf('{"perSecond"')))
}

const REPORT = `done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('{"perSecond":%.0f,"p50":%.2f,"p99":%.2f,"errors":%d,"requests":%d}',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    e.connect + e.read + e.write + e.status + e.timeout, summary.requests))
end`

const header = `wrk.headers["Authorization"] = "Bearer ${KEY}"`
const SCAN = '{"targets":["127.0.0.0/24"],"ports":"22,80,443"}'
const post = `${header}
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '${SCAN}'`

/** Both at half of the bar's load, one after the other. */
async function atHalfLoad(url: string, id: string) {
  const headers = { Authorization: `Bearer ${KEY}` }
  const scans: SteadyRequest = {
    url: `${url}/v1/scans`,
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: SCAN,
  }
  const reads: SteadyRequest = { url: `${url}/v1/scans/${id}`, method: 'GET', headers }
  return { scans: await steady(scans, HALF.post, seconds), reads: await steady(reads, HALF.get, seconds) }
}

/** Processor time of a process so far, in milliseconds: what a request costs however busy the machine is. */
async function cpu(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Peak resident size in MiB. */
const peak = async (pid: number) =>
  Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

async function storeRows(scanId: string) {
  await db.pool.query(
    `INSERT INTO observations (scan_id, vantage, ip, transport, port, state, reason, rtt, seen_at, detection, method,
       service, product, version, cpe, confidence, evidence_text)
     SELECT $1::uuid, 'default', '10.0.0.0'::inet + (n / 10), 'tcp'::transport, n % 10 + 1, 'open', 'syn-ack', 0.5::real,
       now(), 'identified', 'probed', 'ssh', 'OpenSSH', '9.2p1', '{cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*}',
       1::real, 'SSH-2.0-OpenSSH_9.2p1' FROM generate_series(0, ${ROWS - 1}) AS n`,
    [scanId],
  )
  await db.pool.query('VACUUM ANALYZE observations')
}

/** Seconds. */
async function exportRows(url: string, scanId: string, encoding: '' | '--compressed') {
  const started = performance.now()
  const script = `curl -s ${encoding} -H 'Authorization: Bearer ${KEY}' '${url}/v1/scans/${scanId}/results?format=ndjson' | wc -l`
  const lines = Number(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout)
  if (lines !== ROWS) throw new Error(`${lines} rows came, not ${ROWS}`)
  return (performance.now() - started) / 1000
}

async function stop({ child }: Awaited<ReturnType<typeof startApi>>) {
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function measure() {
  await stop(await startApi(postgres.url, { folder, key: KEY }))
  const loaded = await startApi(postgres.url, { folder, key: KEY })
  const { url, pid, ready } = loaded
  const atStart = await cpu(pid)
  const scans = await load(`${url}/v1/scans`, post, 32)
  const afterPosts = await cpu(pid)
  const stored = (await db.pool.query<{ n: number }>('SELECT count(*) AS n FROM scans')).rows[0]?.n ?? 0
  const { rows } = await db.pool.query<{ id: string }>('SELECT id FROM scans LIMIT 1')
  const id = rows[0]?.id ?? ''
  const reads = await load(`${url}/v1/scans/${id}`, header, 32)
  const cost = { post: (afterPosts - atStart) / scans.requests, get: ((await cpu(pid)) - afterPosts) / reads.requests }
  const underLoad = await peak(pid)
  const half = await atHalfLoad(url, id)
  await stop(loaded)
  const exporting = await startApi(postgres.url, { folder, key: KEY })
  const idle = await peak(exporting.pid)
  await storeRows(id)
  const exported = { rows: ROWS, seconds: await exportRows(exporting.url, id, '') }
  const compressed = { seconds: await exportRows(exporting.url, id, '--compressed') }
  const memory = { idle, underLoad, exporting: await peak(exporting.pid) }
  await stop(exporting)
  return { ready, scans, stored, reads, half, cost, exported, compressed, memory }
}

try {
  const result = await measure()
  const { scans, reads, half, cost, exported, compressed, memory } = result
  const ms = ({ p50, p99 }: Load | Steady) => `${p50} / ${p99}`
  console.table({
    'start to ready, s': { measured: result.ready / 1000, bar: '<= 3' },
    'POST /v1/scans a second': { measured: scans.perSecond, bar: '>= 1000' },
    'POST /v1/scans p50 / p99, ms': { measured: ms(scans), bar: '' },
    'GET /v1/scans/{id} a second': { measured: reads.perSecond, bar: '>= 3000' },
    'GET /v1/scans/{id} p50 / p99, ms': { measured: ms(reads), bar: '' },
    [`POST at ${HALF.post} a second: p50 / p99, ms`]: { measured: ms(half.scans), bar: 'p99 <= 50' },
    [`GET at ${HALF.get} a second: p50 / p99, ms`]: { measured: ms(half.reads), bar: 'p99 <= 50' },
    'processor time of the API a POST / GET, ms': {
      measured: `${cost.post.toFixed(2)} / ${cost.get.toFixed(2)}`,
      bar: '',
    },
    'NDJSON export of a million rows, s': { measured: exported.seconds, bar: '<= 15' },
    'the same compressed, s': { measured: compressed.seconds, bar: '' },
    'peak memory exporting, MiB': { measured: Math.round(memory.exporting), bar: '<= 200' },
    'peak memory started / under load, MiB': {
      measured: `${Math.round(memory.idle)} / ${Math.round(memory.underLoad)}`,
      bar: '',
    },
  })
  console.log(`load of the machine: ${os.loadavg().map((n) => n.toFixed(1))}`)
  console.log(JSON.stringify(result))
} finally {
  await db.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}
