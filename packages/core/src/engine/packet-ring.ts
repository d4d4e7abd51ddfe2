/**
 * Memory shared with the kernel, which puts packets into it as they come: no system call and one copy less for each
 * (PACKET_RX_RING, TPACKET_V2: packet(7), Documentation/networking/packet_mmap.rst). A frame, in host order:
 *
 *   status u32 | length u32 | captured u32 | offsets u16: link 12, network 14 | ... | the packet
 *
 * It is ours while the lowest bit of its status is set, and the kernel's again once that is 0.
 */
import { Arena } from './arena.ts'
import { LocalTrouble } from './engine.ts'
import { errnoName } from './errno.ts'
import { type Libc, type Pointer, viewOf } from './libc.ts'

const SOL_PACKET = 263
const PACKET_RX_RING = 5
const PACKET_VERSION = 10
const TPACKET_V2 = 1
const PROT_READ_WRITE = 3
const MAP_SHARED = 1
/** Header and sockaddr_ll take 80 bytes; the filter lets 128 of the packet through. */
const FRAME = 256
const WORDS = FRAME / 4
/** Room for 100 ms of the fastest scan's answers. Making more of it would take longer than the first thousand probes. */
const FRAMES = 16_384
const BLOCK = 65_536
const LENGTH = FRAME * FRAMES
/** Taken at once: who is flooded has to send, too. */
const MOST = 4096

export class PacketRing {
  readonly #libc: Libc
  readonly #address: Pointer
  readonly #bytes: Uint8Array
  readonly #words: Int32Array
  readonly #halves: Uint16Array
  #next = 0

  /**
   * Asks the kernel for the memory, which takes it ten milliseconds: it waits until nobody can be looking at the socket as
   * it was. Throws LocalTrouble when there is none to give. The socket stays the caller's.
   */
  static async open(libc: Libc, fd: number): Promise<PacketRing> {
    const values = new Arena(20)
    new Uint32Array(values.bytes.buffer).set([TPACKET_V2, BLOCK, LENGTH / BLOCK, FRAME, FRAMES])
    try {
      const refused =
        libc.setsockopt(fd, SOL_PACKET, PACKET_VERSION, values.address, 4) ||
        (await libc.setsockoptLater(fd, SOL_PACKET, PACKET_RX_RING, values.at(4), 16))
      if (refused !== 0) throw new LocalTrouble(errnoName(-refused), `no memory for packets: ${errnoName(-refused)}`)
    } finally {
      values.free()
    }
    return new PacketRing(libc, fd)
  }

  private constructor(libc: Libc, fd: number) {
    this.#libc = libc
    this.#address = libc.mmap(null, LENGTH, PROT_READ_WRITE, MAP_SHARED, fd, 0)
    if (this.#address === 0xffff_ffff_ffff_ffffn) throw new LocalTrouble('ENOMEM', 'no memory for packets')
    const memory = viewOf(this.#address, LENGTH)
    this.#bytes = new Uint8Array(memory)
    this.#words = new Int32Array(memory)
    this.#halves = new Uint16Array(memory)
  }

  /** Hands over packets that have come in, from the network header on; the bytes are the kernel's after the call. */
  receive(take: (bytes: Uint8Array, at: number, length: number) => void): void {
    for (let left = MOST; left > 0; ) {
      const count = this.#ready(left)
      if (count === 0) return
      this.#hand(count, take)
      left -= count
    }
  }

  /** How many frames are ours, up to `most` and the end of the ring. They are filled in order: the last one tells of all. */
  #ready(most: number): number {
    const words = this.#words
    const first = this.#next * WORDS
    const end = Math.min(first + most * WORDS, words.length)
    let word = first
    while (word < end && (words[word]! & 1) !== 0) word += WORDS
    return word > first && (Atomics.load(words, word - WORDS) & 1) !== 0 ? (word - first) / WORDS : 0
  }

  #hand(count: number, take: (bytes: Uint8Array, at: number, length: number) => void): void {
    const [bytes, words, halves] = [this.#bytes, this.#words, this.#halves]
    const first = this.#next
    for (let i = 0; i < count; i++) {
      const frame = first + i
      const word = frame * WORDS
      take(bytes, frame * FRAME + halves[word * 2 + 7]!, words[word + 2]!)
      Atomics.store(words, word, 0)
    }
    this.#next = first + count === FRAMES ? 0 : first + count
  }

  free(): void {
    this.#libc.munmap(this.#address, LENGTH)
  }
}
