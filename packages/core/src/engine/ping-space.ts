import type { AddressSet } from '#core/target/address-set.ts'
import { createProbeSpace } from '#core/target/create-probe-space.ts'
import type { ProbeSpace, ProbeTarget } from '#core/target/probe-space.ts'

/**
 * Addresses x ways of asking "is anybody there", as a probe space whose ports are the numbers of the ways. Unlike a scan
 * all addresses are asked one way before any is asked the next, so that who has answered need not be asked again.
 */
export class PingSpace implements Omit<ProbeSpace, 'plan'> {
  readonly transport = 'tcp'
  readonly size: number
  readonly hosts: number
  readonly ports: number
  readonly #hosts: ProbeSpace

  /** `seed` decides the order of the addresses. Throws ProbeSpaceTooLarge. */
  constructor(addresses: AddressSet, ways: number, seed: number) {
    this.#hosts = createProbeSpace({ addresses, ports: [{ first: 1, last: 1 }], transport: 'tcp', seed })
    this.hosts = this.#hosts.hosts
    this.ports = ways
    this.size = this.hosts * ways
  }

  at(position: number, out: ProbeTarget): void {
    const way = Math.floor(position / this.hosts)
    this.#hosts.at(position - way * this.hosts, out)
    out.port = way
  }

  positionOf(target: Readonly<ProbeTarget>): number {
    const { family, v4, v6, port, host } = target
    const position = port < this.ports ? this.#hosts.positionOf({ family, v4, v6, port: 1, host }) : -1
    return position < 0 ? -1 : port * this.hosts + position
  }
}
