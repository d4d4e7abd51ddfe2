/** A shard's part of what may be sent to any one address, in a cell of memory that its engine looks at. */
export class HostShareCell {
  /** Probes per second; 0: none just now. */
  readonly cell = new Int32Array(new SharedArrayBuffer(4))
  #granted = 0
  /** When it was granted after there had been none. */
  #since = 0
  #beginning: NodeJS.Timeout | null = null

  /** What it is a holder of, which may not have begun. */
  get granted(): number {
    return this.#granted
  }

  /**
   * A share that begins is seen when its first packet is due: an engine sends that at once, and whoever had the share until
   * now has just sent on it, too. With many holders of a packet or two a second it would be as many too many.
   */
  grant(share: number): void {
    const now = performance.now()
    if (this.#granted === 0) this.#since = now
    const wasShown = this.#granted > 0 && this.#beginning === null
    this.#granted = share
    if (share === 0 || wasShown) {
      this.#show()
      return
    }
    if (this.#beginning !== null) clearTimeout(this.#beginning)
    this.#beginning = setTimeout(() => this.#show(), Math.max(0, this.#since + 1_000 / share - now))
  }

  #show(): void {
    if (this.#beginning !== null) clearTimeout(this.#beginning)
    this.#beginning = null
    Atomics.store(this.cell, 0, this.#granted)
  }
}
