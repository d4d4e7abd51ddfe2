import type { ProbeTarget } from '#core/target/probe-space.ts'

/**
 * A keyed 32-bit value per endpoint: who has not seen the question cannot echo it, and every try expects the same one.
 * The key lives as long as the scan.
 */
export class Tokens {
  readonly #key = crypto.getRandomValues(new Uint32Array(3))

  of(target: Readonly<ProbeTarget>): number {
    const [a = 0, b = 0, c = 0] = this.#key
    let hash = a ^ Math.imul(target.port + 1, 0x9e3779b1)
    const mix = (word: number) => {
      hash = Math.imul(hash ^ word ^ (hash >>> 15), 0x85ebca6b)
      hash ^= hash >>> 13
    }
    const { v4, v6 } = target
    if (target.family === 4) mix(v4)
    else for (let i = 0; i < 16; i += 4) mix((v6[i]! << 24) | (v6[i + 1]! << 16) | (v6[i + 2]! << 8) | v6[i + 3]!)
    mix(b)
    mix(c)
    return hash >>> 0
  }
}
