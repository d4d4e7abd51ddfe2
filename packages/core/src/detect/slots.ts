/**
 * How many connections may be open at a time: in all, and to one host. An examination first waits for one slot, which
 * it keeps; more it only gets when some are free, and it never waits for them while holding one. So nobody deadlocks.
 */
export interface Slot {
  /** Gives it back; a second call does nothing. */
  release(): void
}

export class Slots {
  readonly #total: number
  #perHost: number
  #open = 0
  readonly #hosts = new Map<string, number>()
  /** First come, first served; a host at its limit does not hold up the others behind it. */
  readonly #waiting: { readonly host: string; readonly grant: (slot: Slot) => void }[] = []

  constructor(total: number, perHost: number) {
    this.#total = total
    this.#perHost = perHost
  }

  /** Another number to one host from now on; what is above it already is let be. */
  limitHost(perHost: number): void {
    this.#perHost = perHost
    this.#serve()
  }

  #free(host: string): boolean {
    return this.#open < this.#total && (this.#hosts.get(host) ?? 0) < this.#perHost
  }

  #grant(host: string): Slot {
    this.#open++
    this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + 1)
    let held = true
    return {
      release: () => {
        if (!held) return
        held = false
        this.#open--
        const left = (this.#hosts.get(host) ?? 1) - 1
        if (left === 0) this.#hosts.delete(host)
        else this.#hosts.set(host, left)
        this.#serve()
      },
    }
  }

  #serve(): void {
    for (let i = 0; i < this.#waiting.length && this.#open < this.#total; ) {
      const next = this.#waiting[i]
      if (next === undefined || !this.#free(next.host)) i++
      else {
        this.#waiting.splice(i, 1)
        next.grant(this.#grant(next.host))
      }
    }
  }

  /** Waits for a slot. */
  take(host: string): Promise<Slot> {
    if (this.#free(host) && !this.#waiting.some((w) => w.host === host)) return Promise.resolve(this.#grant(host))
    return new Promise((grant) => this.#waiting.push({ host, grant }))
  }

  /** A slot if one is free and nobody waits for it. */
  tryTake(host: string): Slot | null {
    return this.#free(host) && !this.#waiting.some((w) => w.host === host) ? this.#grant(host) : null
  }
}
