/**
 * Watches the open ports of one scan for hosts on which everything opens. As soon as a host has conspicuously many, its
 * control ports are asked, while the scan goes on; until that has told, nothing is made of what it opens.
 */
import { parseAddress } from '#core/target/address.ts'
import { setOfAddresses } from '#core/target/address-set.ts'
import type { ProbeSpace } from '#core/target/probe-space.ts'
import { hostsWithAllPortsOpen, needsControls, opensMost } from './all-ports-open.ts'
import { type Engine, LocalTrouble, type ScanTask } from './engine.ts'

/** Hosts counted at a time; of more, the first are forgotten. */
const MOST_HOSTS = 65_536
/** Controls go beside the scan, with this part of its rate. */
const SHARE = 1 / 20

interface Host {
  open: number
  verdict: Promise<boolean> | null
}

export type Watched = {
  readonly engine: Engine
  readonly space: ProbeSpace
  /** Where the scan, or this part of it, begins. */
  readonly from: number
  readonly limits: Pick<ScanTask, 'rate' | 'perHostRate' | 'gate' | 'sourceAddress' | 'interface'>
  /** Numbers in [0, 1). */
  readonly random: () => number
  readonly signal: AbortSignal
}

export class Suspects {
  /** Hosts found guilty so far, in canonical text form. */
  readonly guilty = new Set<string>()
  readonly #watched: Watched
  readonly #hosts = new Map<string, Host>()
  #round: Promise<void> = Promise.resolve()
  #next: Set<string> | null = null

  constructor(watched: Watched) {
    this.#watched = watched
  }

  /**
   * An open port of `ip`, found at `position` of the scan. Null when there is nothing against the host; else a promise,
   * which never rejects, of whether it opens whatever it is asked.
   */
  note(ip: string, position: number): Promise<boolean> | null {
    const { space, from } = this.#watched
    if (space.transport !== 'tcp') return null
    const host = this.#hostAt(ip)
    host.open++
    // Positions are asked in order, and each host's ports are spread evenly over them.
    const asked = ((position - from + 1) / space.size) * space.ports
    if (needsControls({ asked, open: host.open })) return this.suspect(ip)
    return host.verdict
  }

  /** Asks the controls of a host, unless they have been: whoever has seen more of it than this part of the scan knows why. */
  suspect(ip: string): Promise<boolean> {
    const host = this.#hostAt(ip)
    host.verdict ??= this.#ask(ip)
    return host.verdict
  }

  /** Hosts not suspected yet that opened most of what they were asked before position `to`, be it a single port. */
  opened(to: number): readonly string[] {
    const { space, from } = this.#watched
    const asked = ((to - from) / space.size) * space.ports
    const hosts = [...this.#hosts].filter(([, { open, verdict }]) => verdict === null && opensMost({ asked, open }))
    return hosts.map(([ip]) => ip)
  }

  #hostAt(ip: string): Host {
    const known = this.#hosts.get(ip)
    if (known) return known
    if (this.#hosts.size >= MOST_HOSTS) this.#forgetOldest()
    const host = { open: 0, verdict: null }
    this.#hosts.set(ip, host)
    return host
  }

  #forgetOldest(): void {
    const [oldest] = this.#hosts.keys()
    if (oldest !== undefined) this.#hosts.delete(oldest)
  }

  /** All suspects that come up while one round is under way are asked in the next. */
  async #ask(ip: string): Promise<boolean> {
    if (this.#next === null) {
      const hosts = new Set<string>()
      this.#next = hosts
      this.#round = this.#round.then(() => {
        this.#next = null
        return this.#probe(hosts)
      })
    }
    this.#next.add(ip)
    await this.#round
    return this.guilty.has(ip)
  }

  async #probe(ips: ReadonlySet<string>): Promise<void> {
    const { engine, space, limits, random, signal } = this.#watched
    const parsed = [...ips].flatMap((ip) => {
      const address = parseAddress(ip)
      return address.ok ? [address.value] : []
    })
    const { rate, perHostRate, ...rest } = limits
    const task = { ...rest, ...slow('rate', rate), ...slow('perHostRate', perHostRate) }
    const asked = new Set(space.plan.ports.flatMap(({ first, last }) => numbers(first, last)))
    try {
      const found = await hostsWithAllPortsOpen(
        { ...task, engine, hosts: setOfAddresses(parsed), asked, random },
        signal,
      )
      for (const ip of found) this.guilty.add(ip)
    } catch (error) {
      // The scan itself meets the same trouble, and says so.
      if (!(error instanceof LocalTrouble)) throw error
    }
  }
}

const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

function slow(key: 'rate' | 'perHostRate', rate: number | 'max' | undefined) {
  return typeof rate === 'number' ? { [key]: Math.max(1, rate * SHARE) } : {}
}
