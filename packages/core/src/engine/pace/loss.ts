/**
 * Loss and recall, inferred from what retries bring. Every try carries its number and the answer brings it back, so
 * "the first was lost" (only the second was answered) and "the first was slow" (its own answer came later) differ.
 * Silence says nothing: a filtered port and a lost packet look the same.
 */

export interface LossTally {
  /** Tries whose answer came. */
  answered: number
  /** Tries known to be lost: a later try to the same port was answered, theirs never came. */
  lost: number
}

/** Before there is evidence, one round trip in fifty is assumed lost; fifty answers outweigh the assumption. */
const PRIOR_LOST = 1
const PRIOR_TRIES = 50

export function createTally(): LossTally {
  return { answered: 0, lost: 0 }
}

/** Fraction of round trips lost, as observed; 0 before there is anything to observe. */
export function lossEstimate({ answered, lost }: LossTally): number {
  return lost > 0 ? lost / (answered + lost) : 0
}

/** The same, to decide by: starts at the assumption and moves with the evidence. Strictly between 0 and 1. */
export function expectedLoss({ answered, lost }: LossTally): number {
  return (lost + PRIOR_LOST) / (answered + lost + PRIOR_TRIES)
}

/**
 * Loss as seen where nothing is asked more than `tries` times is too small: what was lost every time was never noticed.
 * Of those answered the mean number of tries is 1 / (1 - seen); the chance p that gives this mean, answers beyond
 * `tries` cut off, satisfies 1/(1-p) - tries * p^tries / (1 - p^tries) = mean. Found by bisection.
 */
export function trueLoss(seen: number, tries: number): number {
  if (tries < 2 || seen <= 0) return seen
  const mean = 1 / (1 - seen)
  let [low, high] = [0, 0.999]
  for (let i = 0; i < 30; i++) {
    const p = (low + high) / 2
    const never = p ** tries
    if (1 / (1 - p) - (tries * never) / (1 - never) < mean) low = p
    else high = p
  }
  return low
}

/** A host's own loss, which starts at what its group sees (`common`) and needs some answers to differ. */
export function hostLoss(host: LossTally, common: number): number {
  const weight = 8
  return (host.lost + common * weight) / (host.answered + host.lost + weight)
}

/**
 * How likely a port that stayed silent through `tries` tries would have answered, had every packet arrived. Bayes:
 * a share `answering` of ports answers at all, each try to one of those is lost with chance `loss`.
 */
export function missChance(answering: number, loss: number, tries: number): number {
  const missed = answering * loss ** tries
  return missed === 0 ? 0 : missed / (missed + 1 - answering)
}

/** Share of ports that answer at all, where the share `answered` was heard within `tries`: the rest of them was lost every time. */
export function answeringShare(answered: number, loss: number, tries: number): number {
  return Math.min(0.999, answered / (1 - loss ** tries))
}

/** Share of answering ports whose answer arrived; `missed` is the sum of `missChance` over the silent ones. */
export function recallEstimate(answered: number, missed: number): number {
  return answered + missed > 0 ? answered / (answered + missed) : 1
}
