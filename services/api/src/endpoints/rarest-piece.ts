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
      if (worth > best.worth) best = { piece: withEnd(pattern, index + from, letters.length), worth }
    }
  }
  return best.worth === 0 ? null : best.piece
}

/**
 * A short one with what stands behind it when it ends a word: the end is in the index. So is the beginning, but by one letter
 * alone, and there is no longer list. Among six letters the end is one more list that leaves out little.
 */
function withEnd(pattern: string, at: number, length: number): string {
  const isEnd = length < LENGTH && /^[ -)+-/:;=@_]$/.test(pattern.charAt(at + length))
  return pattern.slice(at, at + length + (isEnd ? 1 : 0))
}
