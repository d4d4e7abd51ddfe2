/**
 * Hardware addresses of neighbours on the local link: who has been asked for, when to ask again, who never answered.
 * Pure bookkeeping, no sockets. Only what was asked for is learned: an unasked answer changes nothing. One address may be
 * several neighbours (routers like to be fe80::1, on every link): they are told apart by the address of ours that asks.
 */
import type { Neighbour } from '#core/wire/neighbour.ts'

export const PENDING = 0
export const KNOWN = 1
export const ABSENT = 2

/** Milliseconds each request waits for its answer; after the last, nobody is taken to be there. */
const WAITS = [150, 350, 700, 1000]
/** Entries kept; beyond, the oldest settled ones go (a neighbour can be asked for again). */
const CAPACITY = 65_536

export interface NeighbourEntry {
  readonly address: Uint8Array
  state: typeof PENDING | typeof KNOWN | typeof ABSENT
  readonly mac: Uint8Array
  requests: number
  nextAt: number
  /** First and last probe that waits for it, -1 for none: the caller's list. */
  waiting: number
  lastWaiting: number
}

export class Neighbours {
  readonly #entries = new Map<string, NeighbourEntry>()
  readonly #pending = new Set<NeighbourEntry>()

  get pending(): number {
    return this.#pending.size
  }

  /** The entry of `address` (4 or 16 bytes), asked for from `source`; made when there is none. */
  of(source: Uint8Array, address: Uint8Array, now: number): NeighbourEntry {
    const key = keyOf(source, address)
    const known = this.#entries.get(key)
    if (known) return known
    if (this.#entries.size >= CAPACITY) this.#evict()
    const entry: NeighbourEntry = {
      address: address.slice(),
      state: PENDING,
      mac: new Uint8Array(6),
      requests: 0,
      nextAt: now,
      waiting: -1,
      lastWaiting: -1,
    }
    this.#entries.set(key, entry)
    this.#pending.add(entry)
    return entry
  }

  #evict(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.state === PENDING) continue
      this.#entries.delete(key)
      if (this.#entries.size < CAPACITY * 0.75) return
    }
  }

  /** Somebody says that `address` is at `mac`. The entry when it was being waited for, else null. */
  learn({ address, mac, to }: Neighbour): NeighbourEntry | null {
    const entry = this.#entries.get(keyOf(to, address))
    if (!entry || entry.state !== PENDING) return null
    entry.mac.set(mac)
    return this.#settle(entry, KNOWN)
  }

  /** Asks once more for one that was given up. */
  retry(entry: NeighbourEntry, now: number): void {
    entry.state = PENDING
    entry.requests = WAITS.length - 1
    entry.nextAt = now
    this.#pending.add(entry)
  }

  #settle(entry: NeighbourEntry, state: typeof KNOWN | typeof ABSENT): NeighbourEntry {
    entry.state = state
    this.#pending.delete(entry)
    return entry
  }

  /** Calls `ask` for at most `budget` entries due a request, and `absent` for those given up. Returns requests made. */
  tick(
    now: number,
    budget: number,
    ask: (entry: NeighbourEntry) => void,
    absent: (entry: NeighbourEntry) => void,
  ): number {
    let asked = 0
    for (const entry of this.#pending) {
      if (entry.nextAt > now) continue
      const wait = WAITS[entry.requests]
      if (wait === undefined) absent(this.#settle(entry, ABSENT))
      else if (asked < budget) {
        entry.nextAt = now + wait
        entry.requests++
        asked++
        ask(entry)
      }
    }
    return asked
  }
}

function keyOf(source: Uint8Array, address: Uint8Array): string {
  return `${address.join('.')} ${source.join('.')}`
}
