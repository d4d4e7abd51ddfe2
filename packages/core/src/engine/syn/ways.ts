/** From a target to the way its probes take: route, packet template, and the neighbour they are handed to. */
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { SynTemplate } from '#core/wire/tcp-syn.ts'
import { type Way, wayAddress } from '../link.ts'
import type { NeighbourEntry, Neighbours } from '../neighbours.ts'
import type { Route, RouteFinder } from '../route.ts'

export interface RoutedWay extends Way {
  readonly route: Route
}

export class Ways {
  readonly #routes: RouteFinder
  readonly #neighbours: Neighbours
  readonly #ways = new Map<Route, RoutedWay>()
  #last: RoutedWay | null = null
  #lastHop: { readonly route: Route; readonly v4: number; readonly entry: NeighbourEntry } | null = null

  constructor(routes: RouteFinder, neighbours: Neighbours) {
    this.#routes = routes
    this.#neighbours = neighbours
  }

  /** Null: no single host has this address. Throws LocalTrouble when there is no way. */
  to(target: Readonly<ProbeTarget>): RoutedWay | null {
    const route = target.family === 4 ? this.#routes.to4(target.v4) : this.#routes.to6(target.v6)
    if (route === 'nobody') return null
    if (this.#last?.route === route) return this.#last
    let way = this.#ways.get(route)
    if (!way) {
      const { kind, device, source } = route
      const template = new SynTemplate(source, device.mtu)
      way = { kind, route, device, template, address: wayAddress(target.family, device) }
      this.#ways.set(route, way)
    }
    this.#last = way
    return way
  }

  /** Whom to hand the packet to; null where the link has no neighbours to ask for. */
  hop({ kind, route, device }: RoutedWay, target: Readonly<ProbeTarget>, now: number): NeighbourEntry | null {
    if (kind === 'local' || !device.asksNeighbours) return null
    const last = this.#lastHop
    // A scan sends to one router, or many times to one neighbour.
    if (last?.route === route && (route.gateway || (target.family === 4 && last.v4 === target.v4))) return last.entry
    const address = route.gateway ?? (target.family === 4 ? quad(target.v4) : target.v6)
    const entry = this.#neighbours.of(route.source, address, now)
    this.#lastHop = { route, v4: target.v4, entry }
    return entry
  }
}

function quad(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}
