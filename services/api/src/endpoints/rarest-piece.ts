/** Letters looked for: each three are a list in the index, and every list that is long costs more than it leaves out. */
const LENGTH = 6

/** How much a letter tells, roughly: the digits of a number more than the vowels of a word. */
function worthOf(letter: string): number {
  if (/\d/.test(letter)) return 4
  if (/[jkqvwxyz]/i.test(letter)) return 3
  return /[aeinorst]/i.test(letter) ? 1 : 2
}

/** The piece of a pattern by which the fewest texts are found; null when no piece of it is long enough to be looked for. */
export function rarestPiece(pattern: string): string | null {
  let best = { piece: '', worth: 0 }
  // What stands between words is not in the index, and how other letters are told from their capitals depends on the database.
  for (const { 0: word, index } of pattern.matchAll(/[a-z\d]{3,}/gi)) {
    for (let from = 0; from === 0 || from + LENGTH <= word.length; from++) {
      const letters = word.slice(from, from + LENGTH)
      const worth = [...letters].reduce((sum, letter) => sum + worthOf(letter), 0)
      if (worth > best.worth) best = { piece: withEdges(pattern, index + from, letters.length), worth }
    }
  }
  return best.worth === 0 ? null : best.piece
}

/** With what stands beside it, when it is the beginning or the end of a word: that is in the index. */
function withEdges(pattern: string, at: number, length: number): string {
  const isEdge = (place: number) => /^[ -)+-/:;=@_]$/.test(pattern.charAt(place))
  return pattern.slice(at - (isEdge(at - 1) ? 1 : 0), at + length + (isEdge(at + length) ? 1 : 0))
}
