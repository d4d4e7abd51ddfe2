/**
 * Hosts on which everything "opens": port-spoofing tarpits, SYN proxies, middleboxes that answer for absent hosts. Their
 * open ports say nothing. Told by control ports: a few ports nobody has a reason to listen on, open nevertheless.
 *
 * After a scan, a host with conspicuously many open ports (`needsControls`) has some control ports probed, and
 * `allPortsOpen` gives the verdict. Pure; `hostsWithAllPortsOpen` does the probing for callers who have an engine.
 */
import assert from 'node:assert'
import type { AddressSet } from '#core/target/address-set.ts'
import { createProbeSpace } from '#core/target/create-probe-space.ts'
import { mergePorts } from '#core/target/port-set.ts'
import type { Engine, ScanTask } from './engine.ts'

export interface OpenCount {
  readonly asked: number
  readonly open: number
}

/** Fewer open ports than this are believable on any host, even if nothing else was asked. */
const CONSPICUOUS = 8
const SHARE = 0.5
/** Control ports per host. Real services on three random dynamic ports out of eight: not in this world. */
const CONTROLS = 8
const CONTROL_SHARE = 0.75
const FEWEST_CONTROLS = 4
/** The dynamic range (RFC 6335 section 6) behind the ports that Windows gives its RPC services first. */
const [FIRST, LAST] = [49_664, 65_535]

/** Is it worth asking this host's control ports? */
export function needsControls({ asked, open }: OpenCount): boolean {
  return open >= CONSPICUOUS && opensMost({ asked, open })
}

/** It may be so few of its ports that this alone means nothing. */
export function opensMost({ asked, open }: OpenCount): boolean {
  return open >= asked * SHARE
}

/** Does this host open whatever it is asked? False when too few controls were asked to tell. */
export function allPortsOpen(ports: OpenCount, controls: OpenCount): boolean {
  return needsControls(ports) && controls.asked >= FEWEST_CONTROLS && controls.open >= controls.asked * CONTROL_SHARE
}

/**
 * Ports to ask as controls, none of them among `avoid` while there are others: a spoofer may have been told the scanned
 * ones. `random` gives numbers in [0, 1).
 */
export function chooseControlPorts(avoid: ReadonlySet<number>, random: () => number, count = CONTROLS): number[] {
  assert(count > 0 && count <= LAST - FIRST)
  const chosen = new Set<number>()
  // A scan of all ports has asked every control already: asking some again is as good.
  for (let attempt = 0; chosen.size < count; attempt++) {
    const port = FIRST + Math.floor(random() * (LAST - FIRST + 1))
    if (!avoid.has(port) || attempt > 64 * count) chosen.add(port)
    assert(attempt < 1e6, 'random() repeats itself')
  }
  return [...chosen].sort((a, b) => a - b)
}

export type ControlProbe = Pick<ScanTask, 'rate' | 'perHostRate' | 'gate' | 'sourceAddress' | 'interface'> & {
  readonly engine: Engine
  /** The conspicuous hosts. */
  readonly hosts: AddressSet
  /** Ports of the scan. */
  readonly asked: ReadonlySet<number>
  readonly random: () => number
}

/** Those of `hosts` whose control ports are open too, in canonical text form. The hosts are taken to be conspicuous. */
export async function hostsWithAllPortsOpen(probe: ControlProbe, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { engine, hosts, asked, random, ...limits } = probe
  const ports = chooseControlPorts(asked, random)
  const seed = Math.floor(random() * 2 ** 31)
  const ranges = mergePorts(ports.map((port) => ({ first: port, last: port })))
  const space = createProbeSpace({ addresses: hosts, ports: ranges, transport: 'tcp', seed })
  const open = new Map<string, number>()
  for await (const { results } of engine.scan({ ...limits, space, from: 0, to: space.size, record: 'open' }, signal))
    for (const { ip, state } of results) if (state === 'open') open.set(ip, (open.get(ip) ?? 0) + 1)
  const guilty = [...open].filter(([, count]) => count >= ports.length * CONTROL_SHARE)
  return new Set(guilty.map(([ip]) => ip))
}
