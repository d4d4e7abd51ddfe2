/**
 * The lab's real services seen by Portolan and by nmap, side by side: service, product and version right and wrong, and
 * the time it took. Needs root and the lab (`bench/lab/lab.sh install`); runs where there is nothing but loopback.
 *
 *   npm run bench:detect                    ours, against nmap's stored results
 *   npm run bench:detect -- --nmap          nmap too, default and --version-all (ten minutes)
 *   npm run bench:detect -- --set public --runs 3
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    set: { type: 'string', default: 'public' },
    runs: { type: 'string', default: '1' },
    nmap: { type: 'boolean', default: false },
    inside: { type: 'boolean', default: false },
  },
})
const LAB = path.join(import.meta.dirname, '../lab')
const BASELINE = path.join(LAB, 'baseline')
const SCAN = path.join(import.meta.dirname, 'scan.ts')

/** Standard output of a program that must succeed. */
function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${args[0]}: status ${status}\n${stderr}`)
  return stdout
}

const lab = (...args: readonly string[]) => run(path.join(LAB, 'lab.sh'), args).trim()

type Proto = 'tcp' | 'udp'

interface Row {
  readonly who: string
  readonly proto: Proto
  readonly file: string
  /** Null: a stored result, whose time is not comparable. */
  readonly seconds: number | null
}

const timed = (act: () => void): number => {
  const started = performance.now()
  act()
  return (performance.now() - started) / 1000
}

function* ours(proto: Proto, ports: string, folder: string): Generator<Row> {
  for (let i = 0; i < Number(values.runs); i++) {
    const file = path.join(folder, `portolan-${proto}-${i}.jsonl`)
    const endpoints = `${proto === 'udp' ? 'U' : 'T'}:${ports.replace(/^[TU]:/, '')}`
    const seconds = timed(() => writeFileSync(file, run(process.execPath, [SCAN, endpoints])))
    yield { who: 'portolan', proto, file, seconds }
  }
}

const NMAP: readonly (readonly [name: string, proto: Proto, who: string, args: readonly string[]])[] = [
  ['tcp', 'tcp', 'nmap -sV', ['-sS', '-sV']],
  ['udp', 'udp', 'nmap -sV', ['-sU', '-sV']],
  ['tcp-all', 'tcp', 'nmap -sV --version-all', ['-sS', '-sV', '--version-all']],
]

function* theirs(ports: Readonly<Record<Proto, string>>, folder: string): Generator<Row> {
  for (const [name, proto, who, args] of NMAP) {
    if (values.nmap) {
      const xml = path.join(folder, `${name}.xml`)
      const list = ports[proto].replace(/^[TU]:/, '')
      const seconds = timed(() => run('nmap', ['-Pn', '-n', ...args, '-p', list, '-oX', xml, '127.0.0.1']))
      const file = path.join(folder, `nmap-${name}.jsonl`)
      writeFileSync(file, run(process.execPath, [path.join(LAB, 'nmap2jsonl.mjs'), xml]))
      yield { who, proto, file, seconds }
    } else yield { who: `${who} (stored)`, proto, file: path.join(BASELINE, `${name}.jsonl`), seconds: null }
  }
}

const score = ({ file, proto }: Row): string =>
  run(process.execPath, [path.join(LAB, 'score.mjs'), file, '--set', values.set, '--proto', proto, '--brief'])
    .trim()
    .replace(/^total +/, '')

function* rows(folder: string): Generator<Row> {
  const ports = { tcp: lab('ports', '-t', values.set), udp: lab('ports', '-u', values.set) }
  yield* ours('tcp', ports.tcp, folder)
  yield* ours('udp', ports.udp, folder)
  yield* theirs(ports, folder)
}

function measure(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-lab-'))
  try {
    // Its status is 1 when a service did not start; that one scores as nothing said, for everybody.
    spawnSync(path.join(LAB, 'lab.sh'), ['up', values.set], { stdio: ['ignore', 'inherit', 'inherit'] })
    for (const row of rows(folder)) {
      const time = row.seconds === null ? '-' : `${row.seconds.toFixed(1)} s`
      console.log(`${row.proto} ${time.padStart(8)}  ${row.who.padEnd(32)} ${score(row)}`)
    }
  } finally {
    lab('down', values.set)
    rmSync(folder, { recursive: true })
  }
}

if (values.inside) measure()
else {
  if (!existsSync('/var/tmp/lab/root1')) throw new Error('no lab: run bench/lab/lab.sh install first')
  const again = [process.execPath, ...process.argv.slice(1), '--inside'].map((word) => `'${word}'`).join(' ')
  const { status } = spawnSync('unshare', ['-n', 'bash', '-c', `ip link set lo up && ${again}`], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}
