/**
 * A keyed shuffle of 0..N-1 that is computed, not stored.
 *
 * The idea: write the position as a number of k bits, cut it into a left and a right half, and alternately XOR each
 * half with a keyed hash of the other (a Feistel network). Every round can be undone, because the half that went
 * into the hash is still there, so the whole is a bijection of 0..2^k-1 whatever the hash does. N is rarely a power of
 * two: when the result is not below N, encrypt it again ("cycle walking"). The walk stays on one cycle of the
 * bijection and started below N, so it comes back below N, and the outcome is a bijection of 0..N-1.
 *
 * The cost: k is the smallest that holds N, so more than half of the results are in range and a walk takes fewer than
 * two passes on average. A pass is six rounds of 32-bit integer arithmetic; nothing is allocated and memory is
 * six round keys, whatever N is. Halves have at most 27 bits, so N may be as large as a double counts (2^53-1).
 *
 * By hand, N = 6: k = 3, the left half has 1 bit and the right 2. Take 4 = 1|00. Say the hash of right=00 is 1:
 * left becomes 0. Say the hash of left=0 is 11: right becomes 11. The result, 0|11 = 3, is below 6: done. Had it been
 * 1|10 = 6, it would have gone through again.
 *
 * This spreads load over hosts and makes slices of the order look alike. It is not meant to keep secrets.
 */
import assert from 'node:assert/strict'

export interface Permutation {
  readonly size: number
  /** The index visited at `position` (0..size-1). */
  indexAt(position: number): number
  /** The inverse: at which position `index` (0..size-1) is visited. */
  positionOf(index: number): number
}

const ROUNDS = 6

/** The same `seed` (a safe integer) and size give the same order, on every machine and in every release. */
export function createPermutation(size: number, seed: number): Permutation {
  assert(Number.isSafeInteger(size) && size >= 0, 'size must be 0..2^53-1')
  assert(Number.isSafeInteger(seed), 'seed must be a safe integer')
  const bits = bitsFor(size)
  const leftBits = bits >> 1
  const rightBits = bits - leftBits
  const leftMask = 2 ** leftBits - 1
  const rightMask = 2 ** rightBits - 1
  const rightSize = 2 ** rightBits
  const [k0, k1, k2, k3, k4, k5] = roundKeys(seed)

  function indexAt(position: number): number {
    let x = position
    do {
      let left = Math.floor(x / rightSize)
      let right = x - left * rightSize
      left ^= hash(right, k0) & leftMask
      right ^= hash(left, k1) & rightMask
      left ^= hash(right, k2) & leftMask
      right ^= hash(left, k3) & rightMask
      left ^= hash(right, k4) & leftMask
      right ^= hash(left, k5) & rightMask
      x = left * rightSize + right
    } while (x >= size)
    return x
  }

  function positionOf(index: number): number {
    let x = index
    do {
      let left = Math.floor(x / rightSize)
      let right = x - left * rightSize
      right ^= hash(left, k5) & rightMask
      left ^= hash(right, k4) & leftMask
      right ^= hash(left, k3) & rightMask
      left ^= hash(right, k2) & leftMask
      right ^= hash(left, k1) & rightMask
      left ^= hash(right, k0) & leftMask
      x = left * rightSize + right
    } while (x >= size)
    return x
  }
  return { size, indexAt, positionOf }
}

/** The smallest k with 2^k >= size. */
function bitsFor(size: number): number {
  let bits = 0
  while (2 ** bits < size) bits++
  return bits
}

/** Multiply and fold, twice: enough that one input bit flips about half of the output bits. */
function hash(value: number, key: number): number {
  let x = Math.imul(value ^ key, 0x7feb_352d)
  x = Math.imul(x ^ (x >>> 15), 0x846c_a68b)
  return x ^ (x >>> 16)
}

type RoundKeys = readonly [number, number, number, number, number, number]

/** Both halves of the 53-bit seed go into every key, each step a hash of the one before. */
function roundKeys(seed: number): RoundKeys {
  const low = seed | 0
  const high = Math.floor(seed / 2 ** 32) | 0
  let key = hash(high, hash(low, 0x9e37_79b9))
  const next = () => {
    key = hash((key + 0x9e37_79b9) | 0, low ^ Math.imul(high, 0x85eb_ca6b))
    return key
  }
  const keys: RoundKeys = [next(), next(), next(), next(), next(), next()]
  assert(keys.length === ROUNDS)
  return keys
}
