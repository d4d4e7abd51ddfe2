import type { Transport } from './probe-space.ts'

/** Both ends included, 1..65535. */
export type PortRange = { readonly first: number; readonly last: number }

/** Ports to ask, per transport: sorted, disjoint, merged ranges. */
export type PortSet = Readonly<Record<Transport, readonly PortRange[]>>

export const NO_PORTS: PortSet = { tcp: [], udp: [] }

/** Sorts and merges; neighbours become one range. */
export function mergePorts(ranges: Iterable<PortRange>): readonly PortRange[] {
  const merged: { first: number; last: number }[] = []
  for (const { first, last } of [...ranges].sort((a, b) => a.first - b.first)) {
    const before = merged.at(-1)
    if (before && first <= before.last + 1) before.last = Math.max(before.last, last)
    else merged.push({ first, last })
  }
  return merged
}

/** What is in `ranges` and not in `without`. */
export function subtractPorts(ranges: readonly PortRange[], without: readonly PortRange[]): readonly PortRange[] {
  let left = [...ranges]
  for (const hole of without)
    left = left.flatMap(({ first, last }) => {
      if (hole.last < first || hole.first > last) return [{ first, last }]
      return [
        { first, last: hole.first - 1 },
        { first: hole.last + 1, last },
      ].filter((rest) => rest.first <= rest.last)
    })
  return left
}

export function countPorts(ranges: readonly PortRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}

/** Every port, ascending. */
export function listPorts(ranges: readonly PortRange[]): Uint16Array {
  const ports = new Uint16Array(countPorts(ranges))
  let at = 0
  for (const { first, last } of ranges) for (let port = first; port <= last; port++) ports[at++] = port
  return ports
}

export function hasPort(ranges: readonly PortRange[], port: number): boolean {
  return ranges.some(({ first, last }) => first <= port && port <= last)
}

/** Canonical text, itself a port spec: `22,80-90`, with `U:` before UDP ports (and `T:` when both are there). */
export function formatPorts({ tcp, udp }: PortSet): string {
  const list = (ranges: readonly PortRange[]) =>
    ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
  if (udp.length === 0) return list(tcp)
  return tcp.length === 0 ? `U:${list(udp)}` : `T:${list(tcp)},U:${list(udp)}`
}
