/**
 * A network that exists in memory, for tests of the SYN scan that no busy machine can disturb: its clock is the
 * test's. It answers SYNs as configured, after a round trip, losing what it is told to lose.
 */
import type { PacketLink, Way } from '#core/engine/link.ts'
import type { RouteFinder } from '#core/engine/route.ts'
import { type SynParts, SynScan } from '#core/engine/syn/scan.ts'
import { setOf } from '#core/target/address-set.ts'
import { createProbeSpace } from '#core/target/create-probe-space.ts'
import type { SynFields } from '#core/wire/tcp-syn.ts'

export type Answer = 'open' | 'closed' | 'silent' | 'admin-prohibited'

export interface World {
  /** Milliseconds there and back, and how much more at random. */
  readonly rtt?: number
  readonly jitter?: number
  /** Chance to lose a packet, each direction. */
  readonly loss?: number
  readonly answer: (host: number, port: number) => Answer
  /** Packets a second, and how many at once, one host takes; the rest is lost. */
  readonly hostLimit?: (host: number) => number
  /** Packets a second the whole path takes, and how many at once. */
  readonly linkLimit?: { readonly rate: number; readonly burst: number }
  /** Is the path up? */
  readonly isUp?: (now: number) => boolean
  /** What sending fails with, 0 when it does not. */
  readonly errno?: (now: number) => number
  readonly seed?: number
}

export interface Sent {
  readonly at: number
  readonly host: number
  readonly port: number
  readonly sourcePort: number
  readonly sequence: number
}

const OWN = 0x0a00_0001
export const PORT_BASE = 61_440

export class FakeInternet implements PacketLink {
  now = 0
  readonly sent: Sent[] = []
  readonly #world: World
  #arriving: { readonly due: number; readonly bytes: Uint8Array }[] = []
  #random: number
  readonly #budgets = new Map<number, { tokens: number; at: number }>()

  constructor(world: World) {
    this.#world = world
    this.#random = world.seed ?? 1
  }

  #chance(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0
    return this.#random / 2 ** 32
  }

  send(_way: Way, { v4, port, sourcePort, sequence }: SynFields): number {
    const { rtt = 1, jitter = 0, loss = 0, isUp = () => true, errno = () => 0 } = this.#world
    if (errno(this.now) !== 0) return errno(this.now)
    const sent = { at: this.now, host: v4, port, sourcePort, sequence }
    this.sent.push(sent)
    if (!isUp(this.now) || this.#chance() < loss || !this.#admits(v4)) return 0
    const answer = this.#world.answer(v4, port)
    if (answer === 'silent' || this.#chance() < loss) return 0
    this.deliver(packetOf(answer, sent), this.now + rtt + this.#chance() * jitter)
    return 0
  }

  #admits(host: number): boolean {
    const { linkLimit, hostLimit } = this.#world
    if (linkLimit && !this.#take(-1, linkLimit.rate, linkLimit.burst)) return false
    return !hostLimit || this.#take(host, hostLimit(host), 10)
  }

  #take(key: number, rate: number, burst: number): boolean {
    const budget = this.#budgets.get(key) ?? { tokens: burst, at: this.now }
    budget.tokens = Math.min(burst, budget.tokens + ((this.now - budget.at) * rate) / 1000)
    budget.at = this.now
    this.#budgets.set(key, budget)
    if (budget.tokens < 1) return false
    budget.tokens--
    return true
  }

  /** Puts a packet on its way to the scanner. */
  deliver(bytes: Uint8Array, due: number): void {
    this.#arriving.push({ due, bytes })
  }

  flush(): number {
    return this.#world.errno?.(this.now) ?? 0
  }

  solicit(): void {}

  receive(take: (bytes: Uint8Array, at: number, length: number) => void): void {
    const due = this.#arriving.filter((packet) => packet.due <= this.now)
    if (due.length === 0) return
    this.#arriving = this.#arriving.filter((packet) => packet.due > this.now)
    for (const { bytes } of due.sort((a, b) => a.due - b.due)) take(bytes, 0, bytes.length)
  }
}

/** The packet that answers a SYN; also what a forger would send, given made-up numbers. */
export function packetOf(answer: Exclude<Answer, 'silent'>, { host, port, sourcePort, sequence }: Sent): Uint8Array {
  const bytes = new Uint8Array(answer === 'admin-prohibited' ? 56 : 40)
  const view = new DataView(bytes.buffer)
  bytes[0] = 0x45
  view.setUint32(12, host)
  view.setUint32(16, OWN)
  if (answer === 'admin-prohibited') {
    view.setUint32(12, 0xcb00_7101)
    bytes.set([1], 9)
    bytes.set([3, 13], 20)
    bytes.set([0x45, 0, 0, 60, 0, 0, 0, 0, 64, 6], 28)
    view.setUint32(40, OWN)
    view.setUint32(44, host)
    view.setUint16(48, sourcePort)
    view.setUint16(50, port)
    view.setUint32(52, sequence)
    return bytes
  }
  bytes[9] = 6
  view.setUint16(20, port)
  view.setUint16(22, sourcePort)
  view.setUint32(28, (sequence + 1) >>> 0)
  bytes[33] = answer === 'open' ? 0x12 : 0x14
  return bytes
}

const routes: RouteFinder = {
  to4: () => route,
  to6: () => route,
  isRouted: () => true,
  close: () => {},
}
const route = {
  kind: 'link',
  device: { index: 1, mtu: 1500, mac: new Uint8Array(0), asksNeighbours: false },
  source: Uint8Array.of(10, 0, 0, 1),
  gateway: null,
} as const

export interface Outcome {
  readonly scan: SynScan
  readonly internet: FakeInternet
  /** Milliseconds from start to end. */
  readonly lasted: number
}

export interface FakeScanOptions {
  readonly hosts?: number
  readonly ports?: number
  readonly seed?: number
  readonly task?: Partial<SynParts['task']>
  /** Called before every step; true ends the scan. */
  readonly each?: (internet: FakeInternet, scan: SynScan) => boolean | undefined
  readonly patience?: number
  /** The scanner's clock need not be the world's: a process may be stopped. */
  readonly clock?: (now: number) => number
}

export const FIRST_HOST = 0xc612_0000

/** Runs a scan of `hosts` x `ports` to its end, or for ten simulated minutes. */
export function scanFake(world: World, options: FakeScanOptions = {}): Outcome {
  const { hosts = 1, ports = 100, seed = 1, task = {}, each = () => false, patience, clock = (now) => now } = options
  const first = BigInt(FIRST_HOST)
  const addresses = setOf([{ first, last: first + BigInt(hosts) - 1n }])
  const space = createProbeSpace({ addresses, ports: [{ first: 1, last: ports }], transport: 'tcp', seed })
  const internet = new FakeInternet(world)
  const scan = new SynScan({
    task: { from: 0, to: space.size, record: 'open', ...task },
    space,
    link: internet,
    portBase: PORT_BASE,
    key: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    openRoutes: () => routes,
    now: clock(0),
    patience,
  })
  while (!scan.isDone && internet.now < 600_000) {
    if (each(internet, scan) === true) break
    const pause = scan.step(clock(internet.now), Number.POSITIVE_INFINITY)
    internet.now += Math.max(0.1, pause)
  }
  return { scan, internet, lasted: internet.now }
}
