/** netsim in the network namespace this process is in: a network whose truth can be changed and is known. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

const SOURCE = path.resolve(import.meta.dirname, '../../bench/netsim/netsim.c')
export const FIRST = '198.18.0.0'
/** What is scanned: 256 addresses and as many ports. */
export const SPACE = { hosts: 256, ports: 256 } as const

export class SimulatedInternet {
  readonly #program: string
  #running: ChildProcess | null = null
  #options: readonly string[] = []

  constructor(folder: string) {
    this.#program = path.join(folder, 'netsim')
    execFileSync('gcc', ['-O2', '-o', this.#program, SOURCE])
    execFileSync('ip', ['link', 'set', 'lo', 'up'])
  }

  /** The network as it is from now on: this share of all ports is open, those of a smaller share among them. */
  async become(seed: number, open: number): Promise<void> {
    await this.close()
    this.#options = ['--seed', `${seed}`, '--open', `${open}`, '--rtt', '4', '--jitter', '2']
    const command = ['--pdeathsig', 'KILL', this.#program, '--dev', 'sim0', ...this.#options]
    this.#running = spawn('setpriv', command, { stdio: 'ignore' })
    for (let tries = 0; !this.#exists(); tries++) {
      if (tries > 100) throw new Error('netsim makes no device')
      await new Promise((done) => setTimeout(done, 50))
    }
    for (const words of [
      'addr add 198.19.0.1/30 dev sim0',
      'link set sim0 txqueuelen 100000 up',
      'route add default via 198.19.0.2',
    ])
      execFileSync('ip', words.split(' '))
  }

  #exists(): boolean {
    try {
      execFileSync('ip', ['link', 'show', 'sim0'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }

  /** `address:port` of what is open in the scanned space. */
  truth(): ReadonlySet<string> {
    const range = [FIRST, `${SPACE.hosts}`, '1', `${SPACE.ports}`, 'tcp']
    const text = execFileSync(this.#program, [...this.#options, '--list', ...range], { encoding: 'utf8' })
    return new Set(
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => line.replace(' ', ':')),
    )
  }

  async close(): Promise<void> {
    const running = this.#running
    this.#running = null
    if (running === null || running.exitCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGKILL')
    await ended
  }
}
