/** bench/netsim for tests: a simulated internet in a network namespace, which knows what is open in it. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { canBuildNetworks, insideNamespace } from './network.ts'

const SCRIPT = path.resolve(import.meta.dirname, '../../bench/netsim/netsim.sh')

export const canSimulate = canBuildNetworks && existsSync('/dev/net/tun') && hasCompiler()

/** To be put into the name of a suite that is skipped. */
export const netsimNote = canSimulate ? '' : ' [skipped: needs root, ip, gcc and /dev/net/tun]'

function hasCompiler(): boolean {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What is listed as the truth: as many hosts from `first` on, ports from `low` to `high`. */
export type Range = { readonly first: string; readonly hosts: number; readonly low: number; readonly high: number }

let made = 0

export class Netsim {
  readonly namespace = `ptl-sim-${process.pid}-${made++}`
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'netsim-'))

  /** `options` as for netsim: `--rtt 20 --loss 0.01`. */
  constructor(options: string) {
    this.#run('up', ...options.split(' '))
  }

  #run(...args: readonly string[]): string {
    return execFileSync('bash', [SCRIPT, ...args], {
      encoding: 'utf8',
      env: { ...process.env, NETSIM_NS: this.namespace, NETSIM_DIR: this.#folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  }

  /** Open ports as `address port`, in no particular order. */
  truth({ first, hosts, low, high }: Range, transport: 'tcp' | 'udp' = 'tcp'): readonly string[] {
    const text = this.#run('list', first, String(hosts), String(low), String(high), transport)
    return text.split('\n').filter(Boolean)
  }

  inside<T>(work: () => T): T {
    return insideNamespace(this.namespace, work)
  }

  [Symbol.dispose](): void {
    this.#run('down')
    rmSync(this.#folder, { recursive: true })
  }
}
