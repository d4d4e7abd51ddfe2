/**
 * One engine run from the command line, with as little around it as possible: what the benchmarks time.
 *
 *   node bench/engines/run.js TARGET... -p PORTS [--engine syn|syn-thread|connect|udp] [--rate N|max] [--per-host-rate N|max]
 *        [--retries N] [--timeout MS] [--seed N] [--record all] [--source ADDRESS] [--interface NAME]
 *
 * Prints a line `address port state` per recorded port, and the figures as one JSON line on standard error.
 */
import { parseArgs } from 'node:util'
import type { Engine, ScanTask } from '#core/engine/engine.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ports: { type: 'string', short: 'p', default: '-' },
    engine: { type: 'string', default: 'syn' },
    rate: { type: 'string' },
    'per-host-rate': { type: 'string' },
    retries: { type: 'string' },
    timeout: { type: 'string' },
    seed: { type: 'string', default: '1' },
    record: { type: 'string', default: 'open' },
    source: { type: 'string' },
    interface: { type: 'string' },
  },
})

async function engineNamed(name: string): Promise<Engine> {
  if (name === 'syn' || name === 'syn-thread')
    return (await import('#core/engine/syn-engine.ts')).createSynEngine({ inline: name === 'syn' })
  if (name === 'udp') return (await import('#core/engine/udp-engine.ts')).createUdpEngine()
  return (await import('#core/engine/connect-engine.ts')).createConnectEngine()
}

async function taskOf(): Promise<ScanTask> {
  const { parseTargets } = await import('#core/target/target-spec.ts')
  const { parsePorts } = await import('#core/target/port-spec.ts')
  const { createProbeSpace } = await import('#core/target/create-probe-space.ts')
  const transport = values.engine === 'udp' ? 'udp' : 'tcp'
  const book = { named: () => [], top: () => [], ranked: () => 0, nearest: () => null }
  const parsed = parseTargets(positionals)
  const ports = parsePorts(values.ports, { book, transport })
  if (!parsed.ok || !ports.ok) throw new Error('targets or ports not understood')
  const plan = {
    addresses: parsed.targets.literal,
    ports: ports.ports[transport],
    transport,
    seed: Number(values.seed),
  }
  const space = createProbeSpace({ ...plan, transport })
  const rate = (text: string) => (text === 'max' ? 'max' : Number(text))
  return {
    space,
    from: 0,
    to: space.size,
    record: values.record === 'all' ? 'all' : 'open',
    ...(values.rate && { rate: rate(values.rate) }),
    ...(values['per-host-rate'] && { perHostRate: rate(values['per-host-rate']) }),
    ...(values.retries && { retries: Number(values.retries) }),
    ...(values.timeout && { timeout: Number(values.timeout) }),
    ...(values.source && { sourceAddress: values.source }),
    ...(values.interface && { interface: values.interface }),
  }
}

async function main(): Promise<void> {
  const [task, engine] = await Promise.all([taskOf(), engineNamed(values.engine)])
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const started = performance.now()
  const totals = { open: 0, closed: 0, filtered: 0, openFiltered: 0 }
  let figures: object = {}
  for await (const { results, counts, stats, resolvedUpTo } of engine.scan(task, stop.signal)) {
    process.stdout.write(results.map(({ ip, port, state }) => `${ip} ${port} ${state}\n`).join(''))
    for (const state of ['open', 'closed', 'filtered', 'openFiltered'] as const) totals[state] += counts[state]
    figures = { ...stats, resolvedUpTo }
  }
  const seconds = (performance.now() - started) / 1000
  process.stderr.write(`${JSON.stringify({ probes: task.space.size, ...figures, ...totals, seconds })}\n`)
}

await main()
