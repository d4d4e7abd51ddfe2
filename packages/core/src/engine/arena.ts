/** Memory the kernel may reach through pointers: outside the garbage-collected heap, never moved, zeroed at first. */
import assert from 'node:assert'
import { LocalTrouble } from './engine.ts'
import { openLibc, type Pointer, viewOf } from './libc.ts'

const PROT_READ_WRITE = 3
const MAP_PRIVATE_ANONYMOUS = 0x22

/**
 * One mapping. `free` it at the end of the engine that made it, after the last call that can touch it; `bytes` and
 * `view` are dead from then on (reading them would be a segmentation fault, so nobody keeps them elsewhere).
 */
export class Arena {
  readonly address: Pointer
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly #low: number
  readonly #high: number
  #mapped = true

  constructor(length: number) {
    assert(length > 0)
    const libc = openLibc()
    const address = libc.mmap(null, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0)
    // MAP_FAILED is (void *)-1
    if (address === 0xffff_ffff_ffff_ffffn) throw new LocalTrouble('ENOMEM', `mmap of ${length} bytes failed`)
    const memory = viewOf(address, length)
    this.address = address
    this.#low = Number(address & 0xffff_ffffn)
    this.#high = Number(address >> 32n)
    this.bytes = new Uint8Array(memory)
    this.view = new DataView(memory)
  }

  /** The address of the byte at `offset`, to be written into a struct inside this or another arena. */
  at(offset: number): Pointer {
    assert(offset >= 0 && offset < this.bytes.length)
    return this.address + BigInt(offset)
  }

  /** Writes the address of the byte at `to` into this arena at `at`. In two halves: numbers are quicker than bigints. */
  point(at: number, to: number): void {
    assert(to >= 0 && to < this.bytes.length)
    const low = this.#low + to
    this.view.setUint32(at, low, true)
    this.view.setUint32(at + 4, this.#high + Math.floor(low / 2 ** 32), true)
  }

  free(): void {
    if (!this.#mapped) return
    this.#mapped = false
    openLibc().munmap(this.address, this.bytes.length)
  }

  [Symbol.dispose](): void {
    this.free()
  }
}
