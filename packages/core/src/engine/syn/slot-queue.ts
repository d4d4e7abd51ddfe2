/** First in, first out, for slot numbers; each slot is in it at most once, so a ring as large as the window never overflows. */
export class SlotQueue {
  readonly #ring: Int32Array
  #head = 0
  #length = 0

  constructor(capacity: number) {
    this.#ring = new Int32Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  push(slot: number): void {
    this.#ring[(this.#head + this.#length++) % this.#ring.length] = slot
  }

  /** The slot at the front, -1 when there is none. */
  peek(): number {
    return this.#length > 0 ? this.#ring[this.#head]! : -1
  }

  shift(): number {
    const slot = this.peek()
    if (slot >= 0) {
      this.#head = (this.#head + 1) % this.#ring.length
      this.#length--
    }
    return slot
  }
}
