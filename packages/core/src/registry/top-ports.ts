import type { Transport } from '#core/target/probe-space.ts'
import { TOP_TCP, TOP_TCP_RUNS, TOP_UDP, TOP_UDP_RUNS } from './top-ports.data.ts'

const TEXT: Readonly<Record<Transport, string>> = { tcp: TOP_TCP + TOP_TCP_RUNS, udp: TOP_UDP + TOP_UDP_RUNS }
const read: Partial<Record<Transport, readonly number[]>> = {}

/** Ports by how commonly one meets a service on them, most common first: over 1,000 for TCP, over 300 for UDP. */
export function rankedPorts(transport: Transport): readonly number[] {
  read[transport] ??= [...new Set(TEXT[transport].trim().split(/\s+/).flatMap(run))]
  return read[transport]
}

function run(item: string): number[] {
  const [first, last] = item.split('-').map(Number)
  return Array.from({ length: (last ?? first!) - first! + 1 }, (_, i) => first! + i)
}
