/**
 * The candidate a mistyped word most likely meant; null when none is near. Near are words that begin with it, and words
 * one typing error in three letters away: a letter too much, too few, another one, or two neighbours swapped.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const typed = word.toLowerCase().slice(0, LONGEST)
  let best: string | null = null
  let least = Math.ceil(typed.length / 3) + 1
  for (const candidate of candidates) {
    const begins = typed.length >= 3 && candidate.toLowerCase().startsWith(typed)
    const errors = begins ? 1 : typingErrors(typed, candidate.toLowerCase())
    // A word of which every letter is wrong is another word.
    if (errors >= least || errors >= candidate.length) continue
    best = candidate
    least = errors
  }
  return best
}

/** Words come from whoever types; the work grows with the square of their length. */
const LONGEST = 40

/** Optimal string alignment distance: Damerau (1964), Levenshtein (1966). */
function typingErrors(a: string, b: string): number {
  let [twoAbove, above]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const ways = [above![j]! + 1, row[j - 1]! + 1, above![j - 1]! + same]
      row.push(Math.min(...ways, swapped ? twoAbove![j - 2]! + 1 : Number.POSITIVE_INFINITY))
    }
    ;[twoAbove, above] = [above!, row]
  }
  return above![b.length]!
}
