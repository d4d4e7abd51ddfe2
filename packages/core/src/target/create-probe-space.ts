/**
 * The probe space: (address, port) pairs numbered without ever being listed.
 *
 * index = port ordinal * hosts + host ordinal, and the permutation runs over the product, so neighbouring positions
 * fall on different hosts (with h hosts, two neighbours share one with a chance of about 1/h) and on different ports.
 * The host ordinal becomes an address by a binary search over the merged ranges. All arithmetic is on doubles below
 * 2^53 and 32-bit words: no bigint and no allocation per probe.
 */
import assert from 'node:assert/strict'
import { addressToBytes, parseAddress } from './address.ts'
import { type AddressSet, addressAt, sizeOf } from './address-set.ts'
import { moveToFront } from './move-to-front.ts'
import { createPermutation, type Permutation } from './permutation.ts'
import { countPorts, listPorts, type PortRange } from './port-set.ts'
import type { KnownEndpoint, ProbePlan, ProbeSpace, ProbeTarget, Transport } from './probe-space.ts'

/** More probes than a position can count (2^53-1). A /64 is one: look for its hosts first, or name fewer. */
export class ProbeSpaceTooLarge extends Error {
  override readonly name = 'ProbeSpaceTooLarge'
  readonly probes: bigint
  constructor(probes: bigint) {
    super(`${probes} probes are more than the ${Number.MAX_SAFE_INTEGER} a scan can number`)
    this.probes = probes
  }
}

export type ProbeSpaceInput = ProbePlan

/** How many probes a space would have, of any size. */
export function countProbes(addresses: AddressSet, ports: number): bigint {
  return sizeOf(addresses) * BigInt(ports)
}

/** A target to hand to `ProbeSpace.at` again and again. */
export function emptyTarget(): ProbeTarget {
  return { family: 4, v4: 0, v6: new Uint8Array(16), port: 0, host: 0 }
}

/** Throws ProbeSpaceTooLarge when positions would not fit into 2^53-1. */
export function createProbeSpace(plan: ProbePlan): ProbeSpace {
  const { addresses, seed, first = [], front, ...rest } = plan
  const ports = new Ports(plan.ports)
  const probes = countProbes(addresses, ports.count)
  const hosts = sizeOf(addresses)
  if (probes > BigInt(Number.MAX_SAFE_INTEGER) || hosts > BigInt(Number.MAX_SAFE_INTEGER))
    throw new ProbeSpaceTooLarge(probes > hosts ? probes : hosts)
  const order = createPermutation(Number(probes), seed)
  const bare = { ...rest, addresses, seed }
  const index = indexHosts(addresses)
  const space = new RangedSpace(bare, index, ports, order)
  const positions = front ?? positionsOf(first, space)
  if (positions.length === 0) return space
  return new RangedSpace({ ...bare, front: positions }, index, ports, moveToFront(order, positions))
}

/** Ascending: the space's own order spreads them over the hosts. */
function positionsOf(endpoints: readonly KnownEndpoint[], space: ProbeSpace): Float64Array {
  const target = emptyTarget()
  const positions = endpoints.map(({ ip, port }) => {
    const parsed = parseAddress(ip)
    if (!parsed.ok) return -1
    const address = parsed.value
    target.family = address.family
    target.port = port
    if (address.family === 4) target.v4 = address.value
    else target.v6.set(addressToBytes(address))
    return space.positionOf(target)
  })
  return Float64Array.from(positions.filter((position) => position >= 0)).sort()
}

/** The ranges as flat arrays. A range's address is four 32-bit words, the most significant first; IPv4 uses the last. */
type HostIndex = {
  readonly hosts: number
  /** Ordinal of the first address of each range. */
  readonly ordinals: Float64Array
  readonly words: Uint32Array
  /** Ranges below this one are IPv4. */
  readonly v4Ranges: number
}

function indexHosts({ spans }: AddressSet): HostIndex {
  const ordinals = new Float64Array(spans.length)
  const words = new Uint32Array(spans.length * 4)
  let hosts = 0
  let v4Ranges = 0
  for (const [i, { first, last }] of spans.entries()) {
    const address = addressAt(first)
    if (address.family === 4) {
      words[i * 4 + 3] = address.value
      v4Ranges++
    } else {
      const view = new DataView(addressToBytes(address).buffer)
      for (let word = 0; word < 4; word++) words[i * 4 + word] = view.getUint32(word * 4)
    }
    ordinals[i] = hosts
    hosts += Number(last - first + 1n)
  }
  return { hosts, ordinals, words, v4Ranges }
}

const WORD = 2 ** 32

/** The ports in order. One range, as most scans have, is counted: listing 65,535 of them takes longer than asking for a thousand. */
class Ports {
  readonly count: number
  readonly #first: number
  readonly #listed: Uint16Array | null
  readonly #ordinals: Int32Array | null

  constructor(ranges: readonly PortRange[]) {
    this.count = countPorts(ranges)
    this.#first = ranges[0]?.first ?? 0
    this.#listed = ranges.length > 1 ? listPorts(ranges) : null
    this.#ordinals = this.#listed && new Int32Array(65_536).fill(-1)
    for (const [ordinal, port] of this.#listed?.entries() ?? []) this.#ordinals![port] = ordinal
  }

  at(ordinal: number): number {
    return this.#listed === null ? this.#first + ordinal : this.#listed[ordinal]!
  }

  /** -1 for a port that is not one of them. */
  ordinalOf(port: number): number {
    if (this.#ordinals !== null) return this.#ordinals[port] ?? -1
    const ordinal = port - this.#first
    return ordinal < this.count ? ordinal : -1
  }
}

/** A class because `at` runs millions of times a second: fields of one shape, no closures to look through. */
class RangedSpace implements ProbeSpace {
  readonly plan: ProbePlan
  readonly transport: Transport
  readonly size: number
  readonly hosts: number
  readonly ports: number
  readonly #index: HostIndex
  readonly #ports: Ports
  readonly #order: Permutation
  readonly #asked = new Uint32Array(4)

  constructor(plan: ProbePlan, index: HostIndex, ports: Ports, order: Permutation) {
    this.plan = plan
    this.transport = plan.transport
    this.size = order.size
    this.hosts = index.hosts
    this.ports = ports.count
    this.#index = index
    this.#ports = ports
    this.#order = order
  }

  at(position: number, out: ProbeTarget): void {
    assert(position >= 0 && position < this.size, 'position is outside the space')
    const index = this.#order.indexAt(position)
    let port = Math.floor(index / this.hosts)
    let host = index - port * this.hosts
    // The quotient may have been rounded up when it is large; the remainder tells.
    if (host < 0) {
      port--
      host += this.hosts
    }
    out.port = this.#ports.at(port)
    out.host = host
    this.#addressOf(host, out)
  }

  #addressOf(host: number, out: ProbeTarget): void {
    const { ordinals, words, v4Ranges } = this.#index
    let low = 0
    let high = ordinals.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (ordinals[middle]! <= host) low = middle
      else high = middle
    }
    let offset = host - ordinals[low]!
    if (low < v4Ranges) {
      out.family = 4
      out.v4 = (words[low * 4 + 3]! + offset) >>> 0
      return
    }
    out.family = 6
    out.v4 = 0
    for (let word = 3; word >= 0; word--) {
      const sum = words[low * 4 + word]! + offset
      offset = Math.floor(sum / WORD)
      const value = sum - offset * WORD
      out.v6[word * 4] = value >>> 24
      out.v6[word * 4 + 1] = value >>> 16
      out.v6[word * 4 + 2] = value >>> 8
      out.v6[word * 4 + 3] = value
    }
  }

  positionOf(target: Readonly<ProbeTarget>): number {
    const port = this.#ports.ordinalOf(target.port)
    if (port < 0) return -1
    const host = this.#hostOf(target)
    return host < 0 ? -1 : this.#order.positionOf(port * this.hosts + host)
  }

  #hostOf({ family, v4, v6 }: Readonly<ProbeTarget>): number {
    const { ordinals, words, v4Ranges } = this.#index
    const asked = this.#asked
    for (let word = 0; word < 4; word++) {
      const at = word * 4
      asked[word] =
        family === 6
          ? ((v6[at] ?? 0) << 24) | ((v6[at + 1] ?? 0) << 16) | ((v6[at + 2] ?? 0) << 8) | (v6[at + 3] ?? 0)
          : word === 3
            ? v4
            : 0
    }
    const [from, to] = family === 4 ? [0, v4Ranges] : [v4Ranges, ordinals.length]
    let low = from
    let high = to
    while (low < high) {
      const middle = (low + high) >>> 1
      if (distance(words, middle * 4, asked) >= 0) low = middle + 1
      else high = middle
    }
    if (low === from) return -1
    const offset = distance(words, (low - 1) * 4, asked)
    const length = (low < ordinals.length ? ordinals[low]! : this.hosts) - ordinals[low - 1]!
    return offset < length ? ordinals[low - 1]! + offset : -1
  }
}

/**
 * asked - start as a double. Exact below 2^53, and of the right sign and beyond every range length above; that is all
 * the callers need.
 */
function distance(words: Uint32Array, start: number, asked: Uint32Array): number {
  let difference = 0
  for (let word = 0; word < 4; word++) difference = difference * WORD + (asked[word]! - words[start + word]!)
  return difference
}
