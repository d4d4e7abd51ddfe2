/** Inside the simulated internet: 2^20 probes by the bare engine, then the same by the service, one shard at a time. */
import { spawnSync } from 'node:child_process'
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

async function served(service: Service, engine: Engine): Promise<Taken> {
  const began = performance.now()
  const scan = { targets: [TARGET], ports: PORTS, engine, services: false }
  const { id } = await service.call('POST', '/v1/scans', scan)
  await allFinished(service)
  const seconds = (performance.now() - began) / 1_000
  const { rows } = await service.db.query('SELECT count(*)::int AS n FROM observations WHERE scan_id = $1', [id])
  return { seconds, open: rows[0].n }
}

const round = (n: number) => Number(n.toFixed(3))
const service = await startService('postgres')
try {
  await service.call('POST', '/v1/scopes', { cidr: '198.18.0.0/15', owner: 'bench', reason: 'simulated' })
  const worker = await service.worker({ slots: 1 })
  for (const engine of ENGINES) {
    const alone = bare(engine)
    const before = await cpu(worker.pid ?? 0)
    const whole = await served(service, engine)
    const workerCpu = (await cpu(worker.pid ?? 0)) - before
    console.log(
      JSON.stringify({
        engine,
        bareSeconds: round(alone.seconds),
        serviceSeconds: round(whole.seconds),
        overhead: round(whole.seconds / alone.seconds - 1),
        workerCpuSeconds: round(workerCpu),
        bareOpen: alone.open,
        serviceOpen: whole.open,
        bar: 0.1,
      }),
    )
  }
} finally {
  await service.stop()
}
