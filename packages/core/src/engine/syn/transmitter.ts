/** Turns a slot into a packet: target, way, neighbour, cookie. Knows nothing of rates, retries or verdicts. */
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { readNeighbour } from '#core/wire/neighbour.ts'
import type { SynFields } from '#core/wire/tcp-syn.ts'
import type { Cookie } from '../cookie.ts'
import { LocalTrouble } from '../engine.ts'
import type { PacketLink } from '../link.ts'
import { ABSENT, KNOWN, type NeighbourEntry, Neighbours } from '../neighbours.ts'
import type { RouteFinder } from '../route.ts'
import { StillRouted } from '../still-routed.ts'
import { type RoutedWay, Ways } from './ways.ts'
import { NONE, type Window } from './window.ts'

/** `no-way`: there is one to others, so it is their network's matter; `trouble`: it may be ours. */
export type Sending = 'sent' | 'parked' | 'nobody' | 'no-way' | 'trouble'

export class Transmitter {
  readonly #link: PacketLink
  readonly #cookie: Cookie
  readonly #window: Window
  readonly #openRoutes: () => RouteFinder
  readonly #neighbours = new Neighbours()
  readonly #sources = new Map<NeighbourEntry, RoutedWay>()
  #routes: RouteFinder
  #ways: Ways
  readonly #fields: SynFields
  /** Whom a packet was sent to last, 4 or 16 bytes; null before the first. */
  #reached: Uint8Array | null = null
  readonly #others = new StillRouted()
  /** Slots that wait for a neighbour. */
  waiting = 0
  /** What the last `send` that came to nothing met with. */
  trouble: LocalTrouble | null = null
  /** The error that kept packets from leaving since it was last looked at, 0 for none. */
  errno = 0

  constructor(parts: {
    readonly link: PacketLink
    readonly cookie: Cookie
    readonly window: Window
    readonly openRoutes: () => RouteFinder
  }) {
    this.#link = parts.link
    this.#cookie = parts.cookie
    this.#window = parts.window
    this.#openRoutes = parts.openRoutes
    this.#routes = parts.openRoutes()
    this.#ways = new Ways(this.#routes, this.#neighbours)
    this.#fields = { v4: 0, v6: new Uint8Array(16), sourcePort: 0, port: 0, sequence: 0, timestamp: 0, id: 0 }
  }

  /** Routes may have changed: ask for them again. */
  forgetRoutes(): void {
    this.#routes.close()
    this.#routes = this.#openRoutes()
    this.#ways = new Ways(this.#routes, this.#neighbours)
  }

  /**
   * Queues packet number `number` to `target`. `slot` waits with the neighbour when that has to be asked for first; NONE
   * does not wait. `trouble` says what is wrong when there is no way.
   */
  send(target: Readonly<ProbeTarget>, number: number, slot: number, now: number): Sending {
    try {
      return this.#send(target, number, slot, now)
    } catch (error) {
      if (!(error instanceof LocalTrouble)) throw error
      if (error.code === 'NO_ROUTE' && this.#othersAreRouted(now)) return 'no-way'
      this.trouble = error
      return 'trouble'
    }
  }

  #othersAreRouted(now: number): boolean {
    const reached = this.#reached
    return reached !== null && this.#others.look(now, () => this.#routes.isRouted(reached))
  }

  #send(target: Readonly<ProbeTarget>, number: number, slot: number, now: number): Sending {
    const way = this.#ways.to(target)
    if (way === null) return 'nobody'
    const hop = this.#ways.hop(way, target, now)
    if (hop === null || hop.state === KNOWN) {
      this.#put(way, target, number, { mac: hop?.mac ?? null, now })
      return 'sent'
    }
    if (hop.state === ABSENT) return this.#absent(way, hop, now)
    if (!this.#sources.has(hop)) this.#sources.set(hop, way)
    if (slot !== NONE) this.#wait(hop, slot)
    return 'parked'
  }

  #wait(hop: NeighbourEntry, slot: number): void {
    const { link } = this.#window
    link[slot] = NONE
    if (hop.waiting === NONE) hop.waiting = slot
    else link[hop.lastWaiting] = slot
    hop.lastWaiting = slot
    this.waiting++
  }

  /** A neighbour that is not there is not there; a router may have been away, and is asked for again. */
  #absent(way: RoutedWay, hop: NeighbourEntry, now: number): 'nobody' {
    const { route } = way
    if (route.gateway === null) return 'nobody'
    this.#neighbours.retry(hop, now)
    this.#sources.set(hop, way)
    throw new LocalTrouble(
      'NO_ROUTE',
      `the router ${route.gateway.join(route.gateway.length === 4 ? '.' : ' ')} does not answer`,
    )
  }

  #put(
    way: RoutedWay,
    target: Readonly<ProbeTarget>,
    number: number,
    { mac, now }: { mac: Uint8Array | null; now: number },
  ) {
    const fields = this.#fields
    this.#noteReached(target)
    this.#cookie.aim(target)
    fields.v4 = target.v4
    if (target.family === 6) fields.v6.set(target.v6)
    fields.port = target.port
    fields.sourcePort = this.#cookie.sourcePort(number)
    fields.sequence = this.#cookie.sequence(number)
    fields.timestamp = (Math.floor(now) + this.#cookie.salt) >>> 0
    fields.id = this.#cookie.salt & 0xf_ffff
    const errno = this.#link.send(way, fields, mac)
    if (errno !== 0) this.errno = errno
  }

  #noteReached({ family, v4, v6 }: Readonly<ProbeTarget>): void {
    if (this.#reached?.length !== (family === 4 ? 4 : 16)) this.#reached = new Uint8Array(family === 4 ? 4 : 16)
    if (family === 6) this.#reached.set(v6)
    else for (let i = 0; i < 4; i++) this.#reached[i] = v4 >>> (24 - 8 * i)
  }

  /** Hands what is queued to the kernel. */
  flush(): void {
    const errno = this.#link.flush()
    if (errno !== 0) this.errno = errno
  }

  get asksNeighbours(): boolean {
    return this.#neighbours.pending > 0
  }

  /** Asks again where no neighbour answered, gives up where none ever did. `free` gets every slot that waited. Returns requests sent. */
  meetNeighbours(now: number, budget: number, free: (slot: number) => void): number {
    return this.#neighbours.tick(
      now,
      budget,
      (entry) => {
        const way = this.#sources.get(entry)
        if (way) this.#link.solicit(entry, way.route)
      },
      (entry) => this.#release(entry, free),
    )
  }

  /** Reads a packet that is no answer to a SYN: a neighbour's, perhaps, who has been asked for. */
  readNeighbour(bytes: Uint8Array, at: number, length: number, free: (slot: number) => void): void {
    if (!this.asksNeighbours) return
    const found = readNeighbour(bytes, at, length)
    const entry = found && this.#neighbours.learn(found)
    if (entry) this.#release(entry, free)
  }

  /** What is known now decides when the slots are sent again. */
  #release(entry: NeighbourEntry, free: (slot: number) => void): void {
    this.#sources.delete(entry)
    let slot = entry.waiting
    entry.waiting = NONE
    while (slot !== NONE) {
      const next = this.#window.link[slot]!
      this.waiting--
      free(slot)
      slot = next
    }
  }

  close(): void {
    this.#routes.close()
  }
}
