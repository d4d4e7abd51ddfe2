/** MurmurHash3, 32 bits, for machines of 32 bits (the public-domain algorithm of Austin Appleby), seed 0. */

const [C1, C2] = [0xcc9e2d51, 0x1b873593]
const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))
const scramble = (block: number): number => Math.imul(rotate(Math.imul(block, C1), 15), C2)

/** -2^31 to 2^31 - 1. */
export function murmur3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.length & ~3
  let hash = 0
  for (let at = 0; at < whole; at += 4)
    hash = (Math.imul(rotate(hash ^ scramble(view.getUint32(at, true)), 13), 5) + 0xe6546b64) | 0
  const tail = [...bytes.subarray(whole)].reduce((block, byte, i) => block | (byte << (8 * i)), 0)
  if (whole < bytes.length) hash ^= scramble(tail)
  hash ^= bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
