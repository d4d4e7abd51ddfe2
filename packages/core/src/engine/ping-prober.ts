/** All ways of asking, as one prober: the target's port is the number of the way. Who has answered is not asked again. */
import { setTimeout } from 'node:timers/promises'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { EPOLLIN, Epoll } from './epoll.ts'
import type { Verdict } from './errno.ts'
import type { Alive, PingReason, PingWay, Stuck } from './ping-way.ts'
import type { ProbeId, Prober, Report } from './prober.ts'

const ANSWERED: Verdict = { kind: 'state', state: 'open', reason: 'udp-response' }
/** Not asked: it makes no sense, or it is known that somebody is there. */
const SKIPPED: Verdict = { kind: 'state', state: 'closed', reason: 'no-response' }
/** Without epoll the ways are looked at this often, ms. */
const LOOK = 5
/** Bits of one page of the set of live hosts. */
const PAGE = 65_536

export interface LiveSighting {
  readonly slot: number
  readonly reason: PingReason
  readonly rtt: number | null
}

export interface PingProberOptions {
  readonly ways: readonly PingWay[]
  /** The way that is asked alone where it suits: who does not answer it is not there. -1: there is none. */
  readonly decisive: number
  /** Ordinal of the host in a slot. */
  readonly hostOf: (slot: number) => number
  /** Told once per live host. */
  readonly found: (sighting: LiveSighting) => void
}

export class PingProber implements Prober {
  readonly certain = true
  readonly room = 256
  readonly #options: PingProberOptions
  readonly #epoll: Epoll | null
  readonly #wayOf = new Map<number, PingWay>()
  readonly #live = new Map<number, Uint8Array>()

  constructor(options: PingProberOptions) {
    this.#options = options
    this.#epoll = options.ways.some(({ fd }) => fd >= 0) ? new Epoll(16) : null
    for (const [i, { fd }] of options.ways.entries()) if (fd >= 0) this.#epoll?.add(fd, EPOLLIN, i)
  }

  get invalid(): number {
    return this.#options.ways.reduce((sum, way) => sum + way.invalid, 0)
  }

  send(target: Readonly<ProbeTarget>, probe: ProbeId, now: number): Verdict | null {
    const { ways, decisive } = this.#options
    const way = ways[target.port]
    const decided = decisive >= 0 && target.port !== decisive && ways[decisive]?.suits(target)
    if (!way?.suits(target) || decided || this.#isLive(target.host)) return SKIPPED
    this.#wayOf.set(probe.slot, way)
    return way.send(target, probe, now)
  }

  #isLive(host: number): boolean {
    const bit = host % PAGE
    return ((this.#live.get(Math.floor(host / PAGE))?.[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0
  }

  #setLive(host: number): void {
    const page = Math.floor(host / PAGE)
    const bits = this.#live.get(page) ?? new Uint8Array(PAGE / 8)
    this.#live.set(page, bits)
    bits[(host % PAGE) >> 3]! |= 1 << (host & 7)
  }

  flush(): void {
    for (const way of this.#options.ways) way.flush?.()
  }

  collect(now: number, report: Report): number {
    let count = 0
    const alive: Alive = (slot, reason, rtt) => {
      count++
      this.#wayOf.delete(slot)
      const host = this.#options.hostOf(slot)
      if (!this.#isLive(host)) {
        this.#setLive(host)
        this.#options.found({ slot, reason, rtt })
      }
      report(slot, ANSWERED, rtt)
    }
    const stuck: Stuck = (slot, verdict) => report(slot, verdict, null)
    for (const way of this.#options.ways) way.collect(now, alive, stuck)
    return count
  }

  abandon(slot: number): void {
    this.#wayOf.get(slot)?.abandon(slot)
    this.#wayOf.delete(slot)
  }

  wait(ms: number): Promise<void> {
    return this.#epoll?.idle(ms) ?? setTimeout(Math.min(ms, LOOK))
  }

  wake(): void {
    this.#epoll?.wake()
  }

  localAddress(): string | null {
    return null
  }

  close(): void {
    for (const way of this.#options.ways) way.close()
    this.#epoll?.close()
  }
}
