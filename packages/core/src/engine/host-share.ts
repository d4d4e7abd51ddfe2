/** A share of the rate to each address, that changes while the scan runs. */

/**
 * An interval this much longer than the share asks: packets that leave a little early or late still keep to the share in
 * every second.
 */
const MARGIN = 1.01

/** Milliseconds between two probes to one address, at the share in `cell`; `usual` without one. */
export function hostInterval(cell: Int32Array | undefined, usual: number): number {
  const share = cell === undefined ? 0 : Atomics.load(cell, 0)
  return share > 0 ? (1000 / share) * MARGIN : usual
}

/** Is there nothing left for this scan just now? */
export const isSpent = (cell: Int32Array | undefined): boolean => cell !== undefined && Atomics.load(cell, 0) <= 0
