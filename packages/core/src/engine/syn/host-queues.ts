/** For every host with a limit of its own, the slots that wait for its turn: lists threaded through one column. */
import { NONE, type Window } from './window.ts'

export class HostQueues {
  readonly #heads: Int32Array
  readonly #tails: Int32Array
  readonly #link: Int32Array
  #count = 0

  constructor(cells: number, window: Window) {
    this.#heads = new Int32Array(cells).fill(NONE)
    this.#tails = new Int32Array(cells).fill(NONE)
    this.#link = window.link
  }

  /** Slots waiting, over all hosts. */
  get count(): number {
    return this.#count
  }

  isEmpty(cell: number): boolean {
    return this.#heads[cell] === NONE
  }

  push(cell: number, slot: number): void {
    this.#link[slot] = NONE
    const tail = this.#tails[cell]!
    if (tail === NONE) this.#heads[cell] = slot
    else this.#link[tail] = slot
    this.#tails[cell] = slot
    this.#count++
  }

  /** For retries: what was asked first is to be settled first. */
  pushFront(cell: number, slot: number): void {
    this.#link[slot] = this.#heads[cell]!
    if (this.#heads[cell] === NONE) this.#tails[cell] = slot
    this.#heads[cell] = slot
    this.#count++
  }

  /** The first slot of the host, NONE when there is none. */
  shift(cell: number): number {
    const slot = this.#heads[cell]!
    if (slot === NONE) return NONE
    this.#heads[cell] = this.#link[slot]!
    if (this.#heads[cell] === NONE) this.#tails[cell] = NONE
    this.#count--
    return slot
  }
}
