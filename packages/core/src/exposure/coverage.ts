/**
 * What one scan really looked at. A port it never reached (a lost shard, a cancelled scan) is as unknown as one that
 * was never asked for, so nothing can be said to have closed there.
 */
import { toTarget } from '#core/engine/sockaddr.ts'
import { parseAddress } from '#core/target/address.ts'
import type { AddressSet } from '#core/target/address-set.ts'
import { createProbeSpace } from '#core/target/create-probe-space.ts'
import type { PortSet } from '#core/target/port-set.ts'
import type { KnownEndpoint, ProbeSpace, Transport } from '#core/target/probe-space.ts'
import type { EndpointKey } from './sighting.ts'

/** Positions [from, to) of the scan's order, probed from `vantage`. */
export type Stretch = {
  readonly vantage: string
  readonly transport: Transport
  readonly from: number
  readonly to: number
}

export type ScannedSpace = {
  readonly addresses: AddressSet
  readonly ports: PortSet
  /** Of the permutation. */
  readonly seed: number
  /** Probed before all others, by transport. */
  readonly first?: Readonly<Partial<Record<Transport, readonly KnownEndpoint[]>>>
  readonly probed: readonly Stretch[]
}

export type Coverage = (endpoint: EndpointKey) => boolean

export function createCoverage({ addresses, ports, seed, first = {}, probed }: ScannedSpace): Coverage {
  const spaces = new Map<Transport, ProbeSpace>()
  for (const transport of ['tcp', 'udp'] as const)
    if (ports[transport].length > 0 && probed.some((stretch) => stretch.transport === transport))
      spaces.set(
        transport,
        createProbeSpace({ addresses, ports: ports[transport], transport, seed, first: first[transport] ?? [] }),
      )
  const stretches = merge(probed)
  return ({ vantage, ip, transport, port }) => {
    const address = parseAddress(ip)
    const within = stretches.get(`${vantage} ${transport}`)
    const space = spaces.get(transport)
    if (!address.ok || within === undefined || space === undefined) return false
    const position = space.positionOf(toTarget(address.value, port))
    return position >= 0 && within.some(({ from, to }) => from <= position && position < to)
  }
}

/** Neighbours become one: of a scan without gaps a single stretch is left. */
function merge(probed: readonly Stretch[]): Map<string, { from: number; to: number }[]> {
  const merged = new Map<string, { from: number; to: number }[]>()
  for (const { vantage, transport, from, to } of [...probed].sort((a, b) => a.from - b.from)) {
    const key = `${vantage} ${transport}`
    const list = merged.get(key) ?? []
    const last = list.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else list.push({ from, to })
    merged.set(key, list)
  }
  return merged
}
