/** What is measured: one row a claim. The first tool of a row is the one the others' times are compared with. */
import { cable, type Site, simulated } from './site.ts'
import { type Job, masscan, nmap, ours, type Tool, zmap } from './tools.ts'

export interface Row {
  readonly name: string
  readonly what: string
  /** Builds the network; another seed of a simulated one opens other ports. */
  open(seed: number): Promise<Site> | Site
  readonly job: Job
  readonly tools: readonly Tool[]
  /** Tools that take minutes: only when asked for. */
  readonly slow?: readonly Tool[]
  /** Runs, where it is not what is asked for: the row takes long, or is about something else. */
  readonly runs?: number
  /** Seconds after which a run is stopped. */
  readonly limit?: number
}

const OPEN_PORTS = [22, 80, 443, 3306, 5432, 6379, 8080, 9999, 12_345, 31_337, 49_151, 65_535]
const ONE_HOST = { targets: '10.200.0.2', ports: '1-65535' }
const seedOf = (seed: number) => ['--seed', `${seed}`]
const everyHost = () => Array.from({ length: 65_536 }, (_, i) => `198.18.${i >> 8}.${i & 255}`)

export const ROWS: readonly Row[] = [
  {
    name: 'ports',
    what: '65,535 ports of one host, virtual cable, no loss',
    open: () => cable(OPEN_PORTS, ['10.200.0.2']),
    job: ONE_HOST,
    tools: [ours('syn'), nmap('-sS', '-T5')],
    slow: [masscan(100_000)],
  },
  {
    name: 'hosts',
    what: 'one port of 65,536 hosts, virtual cable, no loss',
    open: () => cable([80], everyHost()),
    job: { targets: '198.18.0.0/16', ports: '80' },
    tools: [ours('syn'), zmap(100_000)],
    slow: [masscan(100_000)],
  },
  {
    name: 'connect',
    what: '65,535 ports of one host without raw packets',
    open: () => cable(OPEN_PORTS, ['10.200.0.2']),
    job: ONE_HOST,
    tools: [ours('connect'), nmap('-sT', '-T5')],
  },
  {
    name: 'lossy',
    what: 'rtt 50 ms, jitter 10 ms, loss 1 % each way: 16 hosts x 1,000 ports',
    open: (seed) =>
      simulated(
        [...seedOf(seed), '--rtt', '50', '--jitter', '10', '--loss', '0.01'],
        ['198.18.0.1', '16', '1', '1000'],
      ),
    job: { targets: '198.18.0.1-198.18.0.16', ports: '1-1000' },
    tools: [ours('syn', '--rate', '10000')],
    slow: [nmap('-sS', '-T4'), nmap('-sS', '-T5', '--min-rate', '5000'), masscan(10_000)],
  },
  {
    name: 'filtered',
    what: 'rtt 30 ms, loss 0.5 % each way: one host, 65,535 ports, 99 % filtered',
    open: (seed) =>
      simulated(
        [...seedOf(seed), '--rtt', '30', '--loss', '0.005', '--filtered', '0.99', '--open', '0.005'],
        ['198.18.0.1', '1', '1', '65535'],
      ),
    job: { targets: '198.18.0.1', ports: '1-65535' },
    tools: [ours('syn')],
    slow: [nmap('-sS', '-T4', '--min-rate', '10000')],
    limit: 200,
  },
  {
    name: 'narrow',
    what: 'a link of 8,000 packets a second, 200 a host, 60 % of hosts dead: 256 hosts x 20 ports',
    open: (seed) =>
      simulated(
        [...seedOf(seed), '--link-pps', '8000', '--host-pps', '200', '--dead', '0.6', '--open', '0.05'],
        ['198.18.0.0', '256', '1', '20'],
      ),
    job: { targets: '198.18.0.0/24', ports: '1-20' },
    tools: [ours('syn', '--rate', 'max')],
    slow: [nmap('-sS', '-T4'), nmap('-sS', '-T4', '--min-rate', '6000')],
  },
  {
    name: 'udp',
    what: 'UDP, 200 ports of one host, ICMP limited to one a second',
    open: (seed) =>
      simulated(
        [...seedOf(seed), '--rtt', '20', '--icmp-pps', '1', '--open', '0.05'],
        ['198.18.0.1', '1', '1', '200', 'udp'],
      ),
    job: { targets: '198.18.0.1', ports: '1-200' },
    tools: [ours('udp')],
    runs: 1,
    slow: [nmap('-sU')],
    limit: 300,
  },
  {
    name: 'memory',
    what: 'a space of 10^9 probes, stopped after 20 s: peak memory',
    open: () => cable([80], []),
    job: { targets: '198.18.0.0/16', ports: '1-15300' },
    tools: [ours('syn'), ours('connect'), ours('udp')],
    runs: 1,
    limit: 20,
  },
]
