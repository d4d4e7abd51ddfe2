/** Reproducible damage for fuzz loops: the same name gives the same bytes on every run. */

export type Random = () => number

/** Numbers in [0, 1) from a name (mulberry32 over an FNV-1a hash of it). */
export function seeded(name: string): Random {
  let state = [...name].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 0x01000193), 0x811c9dc5)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const below = (random: Random, n: number) => Math.floor(random() * n)

export function randomBytes(random: Random, max = 300): Uint8Array {
  return Uint8Array.from({ length: below(random, max) }, () => below(random, 256))
}

/** Values that lengths and counts break at. */
const NASTY = [0, 1, 0x7f, 0x80, 0xff, 10, 13, 34, 60, 123]

/** One to four of: a byte changed, bytes made extreme, a piece cut out, doubled, or the tail dropped. */
export function mutate(seed: Uint8Array, random: Random): Uint8Array {
  let bytes = Buffer.from(seed)
  for (let n = 1 + below(random, 4); n > 0 && bytes.length > 0; n--) {
    const at = below(random, bytes.length)
    const to = at + below(random, Math.min(64, bytes.length - at) + 1)
    const how = below(random, 5)
    if (how === 0) bytes[at] = below(random, 256)
    else if (how === 1) bytes.fill(NASTY[below(random, NASTY.length)] ?? 0, at, Math.min(to, at + 4))
    else if (how === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
    else if (how === 3) bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
    else bytes = bytes.subarray(0, at)
  }
  return new Uint8Array(bytes)
}
