/** Does `--rate N` send N packets a second, evenly? Measured where they arrive, by the kernel's clock. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Arrivals } from './capture.ts'
import { cable, type Site } from './site.ts'

const CAPTURE = path.join(import.meta.dirname, 'capture.ts')
/**
 * UDP asks each port once: hosts ration their refusals, and while one waits for the next there is nothing to send, whatever
 * the rate allows.
 */
const ENGINES = [
  { name: 'syn', transport: 'tcp', options: [] },
  { name: 'syn-thread', transport: 'tcp', options: [] },
  { name: 'connect', transport: 'tcp', options: [] },
  { name: 'udp', transport: 'udp', options: ['--retries', '0'] },
] as const
/** How long each is measured, and the fewest packets that tell a rate. */
const SECONDS = 3
const FEWEST = 60

const RUNNER = path.join(import.meta.dirname, 'run.js')

/** `probes` of them, spread over no more hosts than it takes. */
function jobOf(probes: number): readonly string[] {
  if (probes <= 65_535) return ['10.200.0.2', '-p', `1-${probes}`]
  return ['198.18.0.0/18', '-p', `1-${Math.ceil(probes / 16_384)}`]
}

async function arrivals(site: Site, engine: (typeof ENGINES)[number], rate: number): Promise<Arrivals> {
  const inside = (namespace: string, ...command: readonly string[]) => ['netns', 'exec', namespace, ...command]
  const listener = spawn('ip', inside(site.target, process.execPath, CAPTURE, site.device, engine.transport))
  const lines = createInterface({ input: listener.stdout })[Symbol.asyncIterator]()
  await lines.next()
  const job = jobOf(Math.max(FEWEST, rate * SECONDS))
  execFileSync(
    'ip',
    inside(
      site.namespace,
      ...[process.execPath, RUNNER, ...job, '--engine', engine.name, '--rate', `${rate}`, ...engine.options],
    ),
    { stdio: 'ignore' },
  )
  listener.kill('SIGTERM')
  const { value } = await lines.next()
  await once(listener, 'exit')
  if (value === undefined) throw new Error('the capture was cut short')
  return JSON.parse(value)
}

/** Every engine at every rate, one after the other: a line and a JSON line each. */
export async function measureRates(rates: readonly number[]): Promise<void> {
  const site = await cable([80], [])
  console.log('\nrate: packets a second asked for, and arriving by the clock of the kernel they arrive at')
  console.log('   asked  arriving    error   packets  most in 10 ms (nominal)  engine')
  try {
    for (const engine of ENGINES)
      for (const rate of rates) {
        const found = await arrivals(site, engine, rate)
        const error = found.rate / rate - 1
        const cells = [
          `${rate}`.padStart(8),
          found.rate.toFixed(1).padStart(9),
          `${(error * 100).toFixed(1)} %`.padStart(8),
          `${found.packets}`.padStart(9),
          `${found.busiest} (${rate / 100})`.padStart(24),
        ]
        console.log(`${cells.join(' ')}  ${engine.name}`)
        console.log(JSON.stringify({ row: 'rate', engine: engine.name, asked: rate, error, ...found }))
      }
  } finally {
    site.down()
  }
}
