/**
 * Two network namespaces joined by a virtual cable, for tests that need a firewall, a dead address or a link to pull.
 *
 *   scanner  10.99.0.1/24  fd99::1/64  ====  target  10.99.0.2/24  fd99::2/64
 *
 * Namespaces belong to threads: `inside` moves this thread into one, and sockets stay where they were made, so one
 * process can hold both ends. Needs root; `canBuildNetworks` says whether there is any point in asking.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import koffi from 'koffi'

const CLONE_NEWNET = 0x4000_0000

export const canBuildNetworks = probe()

function probe(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const name = `ptl-probe-${process.pid}`
  try {
    run('ip', 'netns', 'add', name)
    run('ip', 'netns', 'del', name)
    run('nft', '--version')
    return true
  } catch {
    return false
  }
}

/** To be put into the name of a suite that is skipped. */
export const networkNote = canBuildNetworks ? '' : ' [skipped: needs root, ip and nft]'

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })
}

let made = 0

export class Network {
  readonly scanner: string
  readonly target: string
  readonly v4 = { scanner: '10.99.0.1', target: '10.99.0.2' }
  readonly v6 = { scanner: 'fd99::1', target: 'fd99::2' }

  constructor() {
    const id = `ptl-${process.pid}-${made++}`
    this.scanner = `${id}-s`
    this.target = `${id}-t`
    for (const end of ['scanner', 'target'] as const) {
      run('ip', 'netns', 'add', this[end])
      // Addresses that are being checked for duplicates answer nobody for a second.
      this.sysctl(end, 'net.ipv6.conf.default.accept_dad', '0')
    }
    run('ip', 'link', 'add', 'cable', 'netns', this.scanner, 'type', 'veth', 'peer', 'cable', 'netns', this.target)
    for (const [name, end] of [
      [this.scanner, 'scanner'],
      [this.target, 'target'],
    ] as const) {
      run('ip', '-n', name, 'link', 'set', 'lo', 'up')
      run('ip', '-n', name, 'addr', 'add', `${this.v4[end]}/24`, 'dev', 'cable')
      run('ip', '-n', name, 'addr', 'add', `${this.v6[end]}/64`, 'dev', 'cable', 'nodad')
      run('ip', '-n', name, 'link', 'set', 'cable', 'up')
    }
    // The answers of a test's target are not to be rationed; the tests that want rationing set it.
    this.sysctl('target', 'net.ipv4.icmp_ratelimit', '0')
    this.sysctl('target', 'net.ipv6.icmp.ratelimit', '0')
    this.sysctl('target', 'net.ipv4.icmp_msgs_per_sec', '100000')
    this.sysctl('target', 'net.ipv4.icmp_msgs_burst', '100000')
  }

  sysctl(end: 'scanner' | 'target', name: string, value: string): void {
    try {
      run('ip', 'netns', 'exec', this[end], 'sysctl', '-qw', `${name}=${value}`)
    } catch {
      // A limit this kernel does not keep per namespace.
    }
  }

  /** `ip` inside one end: `ip('target', 'link set cable down')`. */
  ip(end: 'scanner' | 'target', command: string): string {
    return run('ip', '-n', this[end], ...command.split(' '))
  }

  /** Loads firewall rules, nft syntax: the rules of one input and one output chain. */
  firewall(end: 'scanner' | 'target', { input = [], output = [] }: { input?: string[]; output?: string[] }): void {
    const chain = (hook: string, rules: string[]) =>
      `chain ${hook} {\n type filter hook ${hook} priority -300; policy accept;\n ${rules.join('\n ')}\n }`
    const text = `table inet ptl {\n ${chain('input', input)}\n ${chain('output', output)}\n}\n`
    execFileSync('ip', ['netns', 'exec', this[end], 'nft', '-f', '-'], { input: `flush ruleset\n${text}` })
  }

  /** Loads one address translation rule for what comes in. */
  nat(end: 'scanner' | 'target', rule: string): void {
    const text = `table ip ptlnat {\n chain prerouting {\n type nat hook prerouting priority -100;\n ${rule}\n }\n}\n`
    execFileSync('ip', ['netns', 'exec', this[end], 'nft', '-f', '-'], { input: text })
  }

  /** Runs `work` in one end, waiting for it if it takes time. Calls may nest, not overlap. */
  inside<T>(end: 'scanner' | 'target', work: () => T): T {
    return insideNamespace(this[end], work)
  }

  [Symbol.dispose](): void {
    for (const name of [this.scanner, this.target]) run('ip', 'netns', 'del', name)
  }
}

/** Runs `work` in a network namespace. Calls may nest, not overlap. */
export function insideNamespace<T>(name: string, work: () => T): T {
  const before = openSync('/proc/thread-self/ns/net', 'r')
  const leave = () => {
    enter(before)
    closeSync(before)
  }
  const there = openSync(`/run/netns/${name}`, 'r')
  enter(there)
  closeSync(there)
  let result: T
  try {
    result = work()
  } catch (error) {
    leave()
    throw error
  }
  if (!(result instanceof Promise)) {
    leave()
    return result
  }
  // because a promise of T with a side effect at its end is still what `work` promised
  return result.finally(leave) as T
}

let setns: ((fd: number, type: number) => number) | undefined

function enter(fd: number): void {
  setns ??= koffi.load(null).func('int setns(int, int)')
  if (setns(fd, CLONE_NEWNET) !== 0) throw new Error(`setns: errno ${koffi.errno()}`)
}
