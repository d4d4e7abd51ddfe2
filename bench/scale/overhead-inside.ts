/** Inside the simulated internet: 2^20 probes by the bare engine and by the service, one shard at a time, in turns. */
import { type ChildProcess, spawnSync } from 'node:child_process'
import path from 'node:path'
import { allFinished, cpu, type Service, startService } from './service.ts'

const TARGET = '198.18.0.0/16'
const PORTS = '1-16'
const ENGINES = ['syn', 'connect'] as const
type Engine = (typeof ENGINES)[number]
type Taken = { readonly seconds: number; readonly open: number }

/** Seconds of the scan itself; a process that starts is not the service's overhead. `syn-thread` is what a worker runs. */
function bare(engine: Engine): Taken {
  const program = path.join(import.meta.dirname, '../engines/run.js')
  const name = engine === 'syn' ? 'syn-thread' : engine
  const args = [program, TARGET, '-p', PORTS, '--engine', name]
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(stderr)
  const { seconds } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '')
  return { seconds, open: stdout.trim().split('\n').length }
}

/** From the request to the commit that ends the scan: when we ask for it is not the service's doing. */
async function served(service: Service, engine: Engine): Promise<Taken> {
  const began = Date.now()
  const scan = { targets: [TARGET], ports: PORTS, engine, services: false }
  const { id } = await service.call('POST', '/v1/scans', scan)
  await allFinished(service)
  const { rows } = await service.db.query(
    `SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS ended,
       (SELECT count(*)::int FROM observations WHERE scan_id = $1) AS open FROM scans WHERE id = $1`,
    [id],
  )
  return { seconds: rows[0].ended - began / 1_000, open: rows[0].open }
}

/** What one pair says depends on the moment; their median does less. */
const PAIRS = 5
type Pair = { readonly alone: Taken; readonly whole: Taken; readonly cpu: number }

const round = (n: number) => Number(n.toFixed(3))
const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

/** The one that goes first has the caches cold: they take turns in that, too. */
async function pair(service: Service, worker: ChildProcess, engine: Engine, bareFirst: boolean): Promise<Pair> {
  const before = bareFirst ? bare(engine) : null
  const pid = worker.pid ?? 0
  const spent = await cpu(pid)
  const whole = await served(service, engine)
  const workerCpu = (await cpu(pid)) - spent
  return { alone: before ?? bare(engine), whole, cpu: workerCpu }
}

const service = await startService('postgres', ['track_commit_timestamp=on'])
try {
  await service.call('POST', '/v1/scopes', { cidr: '198.18.0.0/15', owner: 'bench', reason: 'simulated' })
  const worker = await service.worker({ slots: 1 })
  for (const engine of ENGINES) {
    const pairs: Pair[] = []
    for (let i = 0; i < PAIRS; i++) pairs.push(await pair(service, worker, engine, i % 2 === 0))
    console.log(
      JSON.stringify({
        engine,
        pairs: PAIRS,
        bareSeconds: round(median(pairs.map(({ alone }) => alone.seconds))),
        serviceSeconds: round(median(pairs.map(({ whole }) => whole.seconds))),
        overhead: round(median(pairs.map(({ alone, whole }) => whole.seconds / alone.seconds - 1))),
        workerCpuSeconds: round(median(pairs.map((one) => one.cpu))),
        bareOpen: median(pairs.map(({ alone }) => alone.open)),
        serviceOpen: median(pairs.map(({ whole }) => whole.open)),
        bar: 0.1,
      }),
    )
  }
} finally {
  await service.stop()
}
