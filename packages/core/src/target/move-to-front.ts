import type { Permutation } from './permutation.ts'

/** Bits for each position that is moved: so many are seldom shared with one that is not, and still few enough for a cache. */
const BITS = 16

/**
 * The same order with some positions before all others, in the order given: each changes places with whoever is there.
 * Still a bijection, so everything is visited once; memory is that of the moved ones.
 */
export function moveToFront(order: Permutation, positions: Iterable<number>): Permutation {
  /** Where the new order goes at a position, and where it visits what the old one has there; both as old positions. */
  const goesTo = new Map<number, number>()
  const visitedAt = new Map<number, number>()
  const old = (position: number) => goesTo.get(position) ?? position
  const swap = (a: number, b: number) => {
    const [fromA, fromB] = [old(a), old(b)]
    goesTo.set(a, fromB).set(b, fromA)
    visitedAt.set(fromB, a).set(fromA, b)
  }
  for (const [place, position] of [...new Set(positions)].entries()) swap(place, visitedAt.get(position) ?? position)
  // Both maps have the same keys, and hardly any position of a scan is among them: a bit says so sooner.
  const isMoved = createFilter(goesTo)
  return {
    size: order.size,
    indexAt: (position) => order.indexAt(isMoved(position) ? old(position) : position),
    positionOf: (index) => {
      const position = order.positionOf(index)
      return isMoved(position) ? (visitedAt.get(position) ?? position) : position
    },
  }
}

/** False: it is not among the keys. */
function createFilter(keys: ReadonlyMap<number, unknown>): (position: number) => boolean {
  const bits = 2 ** Math.ceil(Math.log2(Math.max(32, keys.size * BITS)))
  const words = new Int32Array(bits / 32)
  const mask = bits - 1
  for (const key of keys.keys()) words[(key & mask) >>> 5]! |= 1 << (key & 31)
  return (position) => ((words[(position & mask) >>> 5]! >>> (position & 31)) & 1) !== 0
}
