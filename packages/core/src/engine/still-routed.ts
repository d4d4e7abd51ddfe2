/**
 * Is there still a way to those who were reached before? Then that there is none to another says something about that
 * network, and not about us. When one of the addresses this machine had when the scan began is gone, a network that cannot
 * be reached any more may have been that interface's, whatever can still be reached through others.
 */
import { networkInterfaces } from 'node:os'

/** How long a look at addresses and routes holds, ms. */
const LOOK = 100

export class StillRouted {
  readonly #had = listed()
  #lookedAt = Number.NEGATIVE_INFINITY
  #answer = false

  /** `isRouted` asks the routing table about one of them; it is called when the last answer is too old. */
  look(now: number, isRouted: () => boolean): boolean {
    if (now - this.#lookedAt >= LOOK) {
      this.#lookedAt = now
      this.#answer = this.#areThere() && isRouted()
    }
    return this.#answer
  }

  /** Are all addresses still there? Those of interfaces that are down, or without a carrier, are not. */
  #areThere(): boolean {
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
