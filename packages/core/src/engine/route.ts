/**
 * Which way a packet to an address leaves, as the kernel itself would send it: policy rules, every table, preferred
 * sources and all, because the kernel is asked (RTM_GETROUTE). The prefixes of all tables and rules only say how far
 * one answer holds: between two neighbouring prefix boundaries every address is routed alike, so a /16 behind one
 * gateway costs one question.
 */
import { addressFromBytes } from '#core/target/address.ts'
import { LocalTrouble } from './engine.ts'
import { errnoName } from './errno.ts'
import { openLibc } from './libc.ts'
import { attributesOf, Netlink, type NetlinkMessage, netlinkBody } from './netlink.ts'
import { AF_INET, AF_INET6 } from './sockaddr.ts'

/** A network interface. */
export interface Device {
  readonly index: number
  readonly mtu: number
  /** Hardware address as the kernel has it; empty where the link has none (tun, WireGuard, ...). */
  readonly mac: Uint8Array
  /** Must a neighbour's hardware address be asked for before anything can be sent to it? */
  readonly asksNeighbours: boolean
}

export interface Route {
  /** `local`: an address of this machine, reached through the loopback; `link`: out through `device`. */
  readonly kind: 'local' | 'link'
  readonly device: Device
  /** Address to send from, 4 or 16 bytes. */
  readonly source: Uint8Array
  /** The router to hand it to, of either family; null when the target itself is on the link. */
  readonly gateway: Uint8Array | null
}

/** Broadcast and multicast addresses: routed, but no single host is there. */
export type Routing = Route | 'nobody'

const RTM_GETLINK = 18
const RTM_GETROUTE = 26
const RTM_GETRULE = 34
const RTA_DST = 1
const RTA_SRC = 2
const RTA_OIF = 4
const RTA_GATEWAY = 5
const RTA_PREFSRC = 7
const RTA_VIA = 18
const FRA_DST = 1
const IFLA_ADDRESS = 1
const IFLA_MTU = 4
const RTN_UNICAST = 1
const RTN_LOCAL = 2
const IFF_NOARP = 0x80
const ARPHRD_ETHER = 1
/** More prefixes than this (a full internet table) are not read: every address is asked for by itself. */
const MAX_PREFIXES = 50_000
const MAX_CACHED = 65_536

interface RouteMap<T extends number | bigint> {
  /** Sorted addresses at which routing may change; null when there are too many to know. */
  readonly edges: readonly T[] | null
  /** By interval between edges, or by address. */
  readonly known: Map<number | T, Routing>
}

export interface RouteOptions {
  readonly sourceAddress?: Uint8Array
  /** Interface name. */
  readonly interface?: string
}

const bytesOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice()
const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)

/** Finds ways: the kernel's tables below, or those made up for a test. Throws LocalTrouble (`NO_ROUTE`) when there is none. */
export interface RouteFinder {
  to4(address: number): Routing
  /** 16 bytes. */
  to6(address: Uint8Array): Routing
  /** Is there a way to the address (4 or 16 bytes) now, whatever was found before? */
  isRouted(address: Uint8Array): boolean
  close(): void
}

export class Routes implements RouteFinder {
  readonly #netlink = new Netlink()
  readonly #options: RouteOptions
  readonly #outIndex: number
  readonly #devices = new Map<number, Device>()
  #map4: RouteMap<number> | undefined
  #map6: RouteMap<bigint> | undefined

  /** Throws LocalTrouble (`ENODEV`) when the interface does not exist. */
  constructor(options: RouteOptions = {}) {
    this.#options = options
    this.#outIndex = options.interface === undefined ? 0 : openLibc().if_nametoindex(options.interface)
    if (options.interface !== undefined && this.#outIndex === 0)
      throw new LocalTrouble('ENODEV', `there is no interface ${options.interface}`)
  }

  to4(address: number): Routing {
    this.#map4 ??= this.#edges(4)
    return this.#find(this.#map4, address, () => Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address))
  }

  to6(address: Uint8Array): Routing {
    this.#map6 ??= this.#edges(6)
    return this.#find(this.#map6, BigInt(addressFromBytes(address).value), () => address)
  }

  isRouted(address: Uint8Array): boolean {
    try {
      this.#ask(address)
      return true
    } catch (error) {
      if (error instanceof LocalTrouble) return false
      throw error
    }
  }

  #find<T extends number | bigint>({ edges, known }: RouteMap<T>, point: T, bytes: () => Uint8Array): Routing {
    const key = edges === null ? point : intervalOf(edges, point)
    const cached = known.get(key)
    if (cached !== undefined) return cached
    const routing = this.#ask(bytes())
    if (known.size >= MAX_CACHED) known.clear()
    known.set(key, routing)
    return routing
  }

  #edges(family: 4): RouteMap<number>
  #edges(family: 6): RouteMap<bigint>
  #edges(family: 4 | 6): RouteMap<number> | RouteMap<bigint> {
    const header = [family === 4 ? AF_INET : AF_INET6, ...new Array<number>(11).fill(0)]
    const routes = this.#netlink.dump(RTM_GETROUTE, netlinkBody(header, []), MAX_PREFIXES)
    const rules = this.#netlink.dump(RTM_GETRULE, netlinkBody(header, []), MAX_PREFIXES)
    const found = new Set<bigint>([0n])
    for (const { body } of routes ?? []) addEdges(found, body, RTA_DST)
    for (const { body } of rules ?? []) addEdges(found, body, FRA_DST)
    // Groups and the broadcast address are treated apart by every kernel, whatever the tables say.
    if (family === 4) for (const edge of [0xe000_0000n, 0xf000_0000n, 0xffff_ffffn]) found.add(edge)
    const edges = [...found].sort((a, b) => (a < b ? -1 : 1))
    if (family === 6) return { edges: routes && edges, known: new Map<number | bigint, Routing>() }
    return { edges: routes && edges.map(Number), known: new Map<number, Routing>() }
  }

  #ask(address: Uint8Array): Routing {
    const bits = address.length * 8
    const { sourceAddress } = this.#options
    const source = sourceAddress?.length === address.length ? sourceAddress : undefined
    const header = [bits === 32 ? AF_INET : AF_INET6, bits, source ? bits : 0, ...new Array<number>(9).fill(0)]
    const attributes: [number, Uint8Array][] = [[RTA_DST, address]]
    if (source) attributes.push([RTA_SRC, source])
    if (this.#outIndex > 0) attributes.push([RTA_OIF, u32(this.#outIndex)])
    const answer = this.#netlink.ask(RTM_GETROUTE, netlinkBody(header, attributes))
    if (typeof answer !== 'number') return this.#read(answer, source)
    const why = errnoName(answer)
    if (source && why === 'EINVAL')
      throw new LocalTrouble('EADDRNOTAVAIL', 'the source address is not one of this machine')
    throw new LocalTrouble('NO_ROUTE', `the kernel has no route to a target: ${why}`)
  }

  #read({ body }: NetlinkMessage, wanted: Uint8Array | undefined): Routing {
    const type = body.getUint8(7)
    if (type !== RTN_UNICAST && type !== RTN_LOCAL) return 'nobody'
    const attributes = attributesOf(body, 12)
    const [out, preferred] = [attributes.get(RTA_OIF), attributes.get(RTA_PREFSRC)]
    const source = wanted ?? (preferred && bytesOf(preferred))
    if (!out || !source) throw new LocalTrouble('NO_ROUTE', 'the kernel names no interface or source for a target')
    const direct = attributes.get(RTA_GATEWAY)
    const via = attributes.get(RTA_VIA)
    // struct rtvia: family u16, then the address
    const gateway = direct ? bytesOf(direct) : via ? bytesOf(via).slice(2) : null
    return { kind: type === RTN_LOCAL ? 'local' : 'link', device: this.device(out.getUint32(0, true)), source, gateway }
  }

  /** Throws LocalTrouble (`ENODEV`) when it is gone. */
  device(index: number): Device {
    const known = this.#devices.get(index)
    if (known) return known
    const header = [0, 0, 0, 0, ...u32(index), 0, 0, 0, 0, 0, 0, 0, 0]
    const answer = this.#netlink.ask(RTM_GETLINK, netlinkBody(header, []))
    if (typeof answer === 'number') throw new LocalTrouble('ENODEV', `interface ${index} is gone: ${errnoName(answer)}`)
    const attributes = attributesOf(answer.body, 16)
    const hardware = attributes.get(IFLA_ADDRESS)
    const ethernet = answer.body.getUint16(2, true) === ARPHRD_ETHER
    const device = {
      index,
      mtu: attributes.get(IFLA_MTU)?.getUint32(0, true) ?? 1500,
      mac: hardware ? bytesOf(hardware) : new Uint8Array(0),
      asksNeighbours: ethernet && (answer.body.getUint32(8, true) & IFF_NOARP) === 0,
    }
    this.#devices.set(index, device)
    return device
  }

  close(): void {
    this.#netlink.close()
  }
}

/** First address of a route's or rule's prefix, and the one after its last. */
function addEdges(found: Set<bigint>, body: DataView, attribute: number): void {
  const length = body.getUint8(1)
  const value = attributesOf(body, 12).get(attribute)
  if (length === 0 || !value || (value.byteLength !== 4 && value.byteLength !== 16)) return
  const bytes = bytesOf(value)
  const first = BigInt(addressFromBytes(bytes).value)
  found.add(first)
  found.add(first + (1n << BigInt(bytes.length * 8 - length)))
}

/** Index of the last edge at or before `point`. */
function intervalOf<T extends number | bigint>(edges: readonly T[], point: T): number {
  let low = 0
  let high = edges.length
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (edges[middle]! <= point) low = middle
    else high = middle
  }
  return low
}
