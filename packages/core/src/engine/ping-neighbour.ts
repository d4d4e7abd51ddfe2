/**
 * Whoever is on the local link must say where: ARP (RFC 826) and neighbour solicitation (RFC 4861) are answered by every
 * host that wants to be spoken to, firewall or not. So for those addresses nothing else is asked.
 */
import { emptyTarget } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { readNeighbour } from '#core/wire/neighbour.ts'
import { LocalTrouble } from './engine.ts'
import { NO_ROUTE, type Verdict } from './errno.ts'
import { Link } from './link.ts'
import { type Alive, type PingBook, type PingWay, roundTrip } from './ping-way.ts'
import { type Route, type RouteOptions, Routes } from './route.ts'

export class NeighbourWay implements PingWay {
  readonly invalid = 0
  readonly #link: Link
  readonly #routes: Routes
  readonly #book: PingBook
  readonly #from = emptyTarget()

  /** Throws LocalTrouble without the privilege to send on the link. */
  constructor(book: PingBook, options: RouteOptions) {
    this.#book = book
    this.#link = new Link(0)
    this.#routes = new Routes(options)
    this.#link.listen(0)
  }

  get fd(): number {
    return this.#link.fd
  }

  /** Is it an address on a link where neighbours can be asked for? */
  suits(target: Readonly<ProbeTarget>): boolean {
    return this.#routeTo(target) !== null
  }

  #routeTo(target: Readonly<ProbeTarget>): Route | null {
    try {
      const route = target.family === 4 ? this.#routes.to4(target.v4) : this.#routes.to6(target.v6)
      if (route === 'nobody' || route.kind === 'local' || route.gateway !== null) return null
      return route.device.asksNeighbours ? route : null
    } catch (error) {
      if (error instanceof LocalTrouble) return null
      throw error
    }
  }

  send(target: Readonly<ProbeTarget>): Verdict | null {
    const route = this.#routeTo(target)
    if (!route) return NO_ROUTE
    const v4 = Uint8Array.of(target.v4 >>> 24, target.v4 >>> 16, target.v4 >>> 8, target.v4)
    this.#link.solicit({ address: target.family === 4 ? v4 : target.v6 }, route)
    return null
  }

  collect(now: number, alive: Alive): void {
    this.#link.receive((bytes, at, length) => {
      const found = readNeighbour(bytes, at, length)
      if (!found) return
      const view = new DataView(found.address.buffer)
      const v4 = found.address.length === 4
      this.#from.family = v4 ? 4 : 6
      if (v4) this.#from.v4 = view.getUint32(0)
      else this.#from.v6.set(found.address)
      const slot = this.#book.locate(this.#from)
      if (slot >= 0) alive(slot, v4 ? 'arp-response' : 'nd-response', roundTrip(this.#book, slot, now))
    })
  }

  abandon(): void {}

  close(): void {
    this.#link.close()
    this.#routes.close()
  }
}
