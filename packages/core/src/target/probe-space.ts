import type { AddressSet } from './address-set.ts'
import type { PortRange } from './port-set.ts'

/** The transport protocols a port number belongs to; tcp/53 and udp/53 are different ports. */
export type Transport = 'tcp' | 'udp'

/**
 * Where one probe goes. Mutable on purpose: an engine walks millions of probes and fills one of these again and
 * again, so the hot path allocates nothing.
 */
export interface ProbeTarget {
  family: 4 | 6
  /** The IPv4 address as an unsigned 32-bit number; 0 when `family` is 6. */
  v4: number
  /** The 16 address bytes in network order; meaningful only when `family` is 6. The buffer is reused. */
  readonly v6: Uint8Array
  port: number
  /** Ordinal of the address in the space, 0..hosts-1: the key for per-host state. */
  host: number
}

/** What a space is made of, as plain data: another thread makes the same space of it (`createProbeSpace`). */
export type ProbePlan = {
  readonly addresses: AddressSet
  /** Merged ranges, as `parsePorts` returns them. */
  readonly ports: readonly PortRange[]
  readonly transport: Transport
  /** The same seed gives the same order. */
  readonly seed: number
  /** Endpoints to visit before all others, such as those that were open last time; those that are not in the space do not count. */
  readonly first?: readonly KnownEndpoint[]
  /** The same as ascending positions of the order that the seed alone gives. The plan of a space has these instead. */
  readonly front?: Float64Array
}

/** `ip` in any text form. */
export type KnownEndpoint = { readonly ip: string; readonly port: number }

/**
 * Addresses x ports of one transport, numbered 0..size-1 and visited in a keyed permutation. Never materialised:
 * memory is that of the address ranges and the port list, whatever the size (up to 2^53-1 probes).
 *
 * A *position* is the place in the visiting order. Positions are what shards slice and checkpoints store.
 */
export interface ProbeSpace {
  readonly plan: ProbePlan
  readonly transport: Transport
  /** Number of probes. */
  readonly size: number
  /** Number of addresses. */
  readonly hosts: number
  /** Number of ports per address. */
  readonly ports: number
  /** Fills `out` with the probe at `position` (0..size-1). */
  at(position: number, out: ProbeTarget): void
  /** The inverse of `at`: the position of (address, port), or -1 when it is not in the space. */
  positionOf(target: Readonly<ProbeTarget>): number
}
