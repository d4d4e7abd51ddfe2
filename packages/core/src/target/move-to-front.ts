import type { Permutation } from './permutation.ts'

/**
 * The same order with some positions before all others, in the order given: each changes places with whoever is there.
 * Still a bijection, so everything is visited once; memory is that of the moved ones.
 */
export function moveToFront(order: Permutation, positions: readonly number[]): Permutation {
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
  return {
    size: order.size,
    indexAt: (position) => order.indexAt(old(position)),
    positionOf: (index) => {
      const position = order.positionOf(index)
      return visitedAt.get(position) ?? position
    },
  }
}
