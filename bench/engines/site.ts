/**
 * Places to scan: network namespaces of the benchmark's own, so that no packet leaves the machine. Needs root and
 * iproute2; the simulated internet a C compiler besides.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface Site {
  /** Namespace the scanners run in, and its interface. */
  readonly namespace: string
  readonly device: string
  /** Namespace the targets are in; with the simulated internet it is the scanners' own. */
  readonly target: string
  /** Hardware address of the router, for tools that cannot find it out. */
  readonly router: string
  /** What is open, as `address port`. */
  truth(): ReadonlySet<string>
  down(): void
}

const ID = `bench-${process.pid}`
const NETSIM = path.join(import.meta.dirname, '../netsim/netsim.sh')

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })
}

/** Packets the scanner's interface has sent. */
export function packetsSent({ namespace, device }: Site): number {
  return Number(run('ip', 'netns', 'exec', namespace, 'cat', `/sys/class/net/${device}/statistics/tx_packets`))
}

const listening = (ports: readonly number[]) => `
  const net = require('node:net')
  const ports = ${JSON.stringify(ports)}
  let left = ports.length
  for (const port of ports)
    net.createServer((s) => { s.on('error', () => {}); s.destroy() }).listen(port, '0.0.0.0', 4096, () => --left || console.log('ready'))`

/**
 * Two namespaces joined by a virtual cable. The target is 10.200.0.2 and all of 198.18.0.0/16, with `ports` open on
 * every one of these addresses and everything else closed.
 */
export async function cable(ports: readonly number[], hosts: readonly string[]): Promise<Site> {
  const [scanner, target] = [`${ID}-s`, `${ID}-t`]
  for (const name of [scanner, target]) {
    run('ip', 'netns', 'add', name)
    run('ip', '-n', name, 'link', 'set', 'lo', 'up')
  }
  run('ip', 'link', 'add', 'cable', 'netns', scanner, 'type', 'veth', 'peer', 'cable', 'netns', target)
  for (const [name, address] of [
    [scanner, '10.200.0.1/24'],
    [target, '10.200.0.2/24'],
  ] as const) {
    run('ip', '-n', name, 'addr', 'add', address, 'dev', 'cable')
    run('ip', '-n', name, 'link', 'set', 'cable', 'up')
  }
  run('ip', '-n', scanner, 'route', 'add', '198.18.0.0/16', 'via', '10.200.0.2')
  run('ip', '-n', target, 'route', 'add', 'local', '198.18.0.0/16', 'dev', 'lo')
  const server = spawn('ip', ['netns', 'exec', target, process.execPath, '-e', listening(ports)])
  await new Promise((resolve) => server.stdout.once('data', resolve))
  const mac = run('ip', 'netns', 'exec', target, 'cat', '/sys/class/net/cable/address').trim()
  return {
    namespace: scanner,
    device: 'cable',
    target,
    router: mac,
    truth: () => new Set(hosts.flatMap((host) => ports.map((port) => `${host} ${port}`))),
    down: () => {
      server.kill('SIGKILL')
      for (const name of [scanner, target]) run('ip', 'netns', 'del', name)
    },
  }
}

/** The simulated internet 198.18.0.0/16: `options` of netsim, and the range whose truth counts. */
export function simulated(options: readonly string[], list: readonly string[]): Site {
  const folder = mkdtempSync(path.join(tmpdir(), 'netsim-'))
  const env = { ...process.env, NETSIM_NS: `${ID}-n`, NETSIM_DIR: folder }
  const netsim = (...args: readonly string[]) =>
    execFileSync('bash', [NETSIM, ...args], {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 28,
    })
  netsim('up', ...options)
  return {
    namespace: env.NETSIM_NS,
    device: 'sim0',
    target: env.NETSIM_NS,
    router: '02:00:00:00:00:02',
    truth: () =>
      new Set(
        netsim('list', ...list)
          .split('\n')
          .filter(Boolean),
      ),
    down: () => {
      netsim('down')
      rmSync(folder, { recursive: true })
    },
  }
}

export interface Run {
  readonly seconds: number
  readonly cpu: number
  /** Peak resident memory of the largest process, MiB. */
  readonly memory: number
  readonly packets: number
  /** Did it end by itself, within its time? */
  readonly ended: boolean
  readonly output: string
}

/** Runs a command at a site and accounts for it as a whole process (GNU time). */
export function measure(site: Site, command: readonly string[], limit: number): Run {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const [figures, output] = [path.join(folder, 'time'), path.join(folder, 'out')]
  const script = `exec "$@" > ${output} 2>/dev/null`
  const timed = ['/usr/bin/time', '-o', figures, '-f', '%e %U %S %M', 'bash', '-c', script, 'bash', ...command]
  const before = packetsSent(site)
  let ended = true
  try {
    run('ip', 'netns', 'exec', site.namespace, 'timeout', '-s', 'INT', '-k', '3', `${limit}`, ...timed)
  } catch {
    ended = false
  }
  const packets = packetsSent(site) - before
  const [seconds = limit, user = 0, system = 0, memory = 0] =
    readFileSync(figures, 'utf8').trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
  const text = readFileSync(output, 'utf8')
  rmSync(folder, { recursive: true })
  return { seconds, cpu: user + system, memory: memory / 1024, packets, ended, output: text }
}
