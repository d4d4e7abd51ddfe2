/**
 * The addresses this machine had when a scan began. When one of them is gone, a network that cannot be reached any more may
 * have been that interface's, whatever can still be reached through others.
 */
import { networkInterfaces } from 'node:os'

export class OwnAddresses {
  readonly #had = listed()

  /** Are all of them still there? Addresses of interfaces that are down, or without a carrier, are not. */
  areThere(): boolean {
    const now = new Set(listed())
    return this.#had.every((address) => now.has(address))
  }
}

/** Link-local ones come and go with every container that is started. */
function listed(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address)
    .filter((address) => !address.startsWith('fe80:'))
}
