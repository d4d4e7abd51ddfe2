/**
 * Tells answers to our own probes from everything else without a table: sequence number and source port of a SYN are a
 * keyed hash of whom it goes to, and only who saw the SYN can answer with that number to that port.
 *
 *   (address, port) --HalfSipHash-2-4, 64-bit key--> low, high
 *   source port      base of our block + flow (top 4 bits of high) * 16 + number of the try, modulo 16
 *   sequence number  low + try * (high | 1)
 *
 * So a probe leaves from one of 16 flows (paths that balance load by port are all used), every try has numbers of its
 * own (a host that remembers the first one does not mistake the second for an error), and the answer tells which try
 * it is to. HalfSipHash: Aumasson and Bernstein, "SipHash: a fast short-input PRF".
 */
import type { ProbeTarget } from '#core/target/probe-space.ts'

/** Source ports in use: a block of this many, starting at a multiple of it. */
export const PORT_BLOCK = 256
/** Tries are numbered modulo this. */
export const TRY_NUMBERS = 16

export class Cookie {
  readonly #k0: number
  readonly #k1: number
  readonly #portBase: number
  #low = 0
  #high = 0
  readonly #words = new Int32Array(5)

  /** `key`: 8 random bytes, fresh for every scan. `portBase`: first port of our block, a multiple of PORT_BLOCK. */
  constructor(key: Uint8Array, portBase: number) {
    const view = new DataView(key.buffer, key.byteOffset, 8)
    this.#k0 = view.getInt32(0, true)
    this.#k1 = view.getInt32(4, true)
    this.#portBase = portBase
  }

  /** Sets what the other methods speak of. */
  aim(target: Readonly<Pick<ProbeTarget, 'family' | 'v4' | 'v6' | 'port'>>): void {
    const words = this.#words
    if (target.family === 4) words[0] = target.v4
    else {
      const { v6 } = target
      for (let i = 0; i < 4; i++)
        words[i] = (v6[4 * i]! << 24) | (v6[4 * i + 1]! << 16) | (v6[4 * i + 2]! << 8) | v6[4 * i + 3]!
    }
    const count = target.family === 4 ? 1 : 4
    words[count] = target.port
    this.#hash(count + 1)
  }

  /** The sequence number of try `number` (0..15). */
  sequence(number: number): number {
    return (this.#low + Math.imul(number, this.#high | 1)) >>> 0
  }

  /** The source port of try `number` (0..15). */
  sourcePort(number: number): number {
    return this.#portBase + ((this.#high >>> 28) << 4) + number
  }

  /** Unpredictable bits for header fields that want some: IP identification, flow label, timestamp offset. */
  get salt(): number {
    return this.#high
  }

  /** Which try (0..15) an answer to `ownPort` about `sequence` belongs to; -1 when it is no answer to a probe of ours. */
  tryOf(ownPort: number, sequence: number): number {
    const number = ownPort & (TRY_NUMBERS - 1)
    return this.sourcePort(number) === ownPort && this.sequence(number) === sequence ? number : -1
  }

  #hash(count: number): void {
    let v0 = this.#k0
    let v1 = this.#k1 ^ 0xee
    let v2 = this.#k0 ^ 0x6c79_6765
    let v3 = this.#k1 ^ 0x7465_6462
    // The words, then a last block of the length in bytes; two rounds each, then twice four.
    for (let block = 0; block <= count + 4; block++) {
      const word = block < count ? this.#words[block]! : block === count ? (count * 4) << 24 : 0
      if (block === count + 1) v2 ^= 0xee
      if (block === count + 3) {
        this.#low = v1 ^ v3
        v1 ^= 0xdd
      }
      v3 ^= word
      for (let round = 0; round < 2; round++) {
        v0 = (v0 + v1) | 0
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
        v0 = (v0 << 16) | (v0 >>> 16)
        v2 = (v2 + v3) | 0
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
        v0 = (v0 + v3) | 0
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
        v2 = (v2 + v1) | 0
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
        v2 = (v2 << 16) | (v2 >>> 16)
      }
      v0 ^= word
    }
    this.#high = v1 ^ v3
  }
}
