/**
 * The order of version numbers as vendors write them. A version is a row of numbers and words; numbers compare as
 * numbers (1.10 > 1.9), words by kind: a pre-release word sorts before the release itself (2.0-rc1 < 2.0), any other
 * after it (OpenSSH 9.2 < 9.2p1, OpenSSL 1.0.2 < 1.0.2k).
 */
type Part = { readonly rank: 0 | 1 | 2 | 3; readonly number: bigint; readonly word: string }

/** Longest version looked at; what follows is somebody's prose. */
const MAX_LENGTH = 128

const PRE_RELEASE = new Set([
  'alpha',
  'beta',
  'a',
  'b',
  'rc',
  'pre',
  'preview',
  'dev',
  'snapshot',
  'm',
  'milestone',
  '~',
])

/** What stands where a version has ended: after pre-release words, before numbers and other words. */
const END: Part = { rank: 1, number: 0n, word: '' }

function parts(version: string): Part[] {
  const tokens =
    version
      .slice(0, MAX_LENGTH)
      .toLowerCase()
      .replace(/^v(?=\d)/, '')
      .match(/\d+|[a-z]+|~/g) ?? []
  const all = tokens.map((token, i): Part => {
    if (/^\d/.test(token)) return { rank: 3, number: BigInt(token), word: '' }
    // A letter that nothing follows (1.0.2a, 1.0.2b) is a patch level, not "alpha" or "beta".
    const lone = token.length === 1 && token !== '~' && i === tokens.length - 1
    return { rank: PRE_RELEASE.has(token) && !lone ? 0 : 2, number: 0n, word: token }
  })
  // Zeros at the end of a run of numbers say nothing: 1.0, 1.0.0 and 1 are one version.
  return all.filter(
    (part, i) => part.rank !== 3 || all.slice(i).find((p) => p.rank !== 3 || p.number !== 0n)?.rank === 3,
  )
}

function comparePart(a: Part, b: Part): number {
  if (a.rank !== b.rank) return a.rank - b.rank
  if (a.number !== b.number) return a.number < b.number ? -1 : 1
  return a.word < b.word ? -1 : a.word > b.word ? 1 : 0
}

/** Negative, zero or positive, as `a` is older than, the same as, or newer than `b`. `1.0` and `1.0.0` are the same. */
export function compareVersions(a: string, b: string): number {
  const left = parts(a)
  const right = parts(b)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const x = left[i] ?? END
    const y = right[i] ?? END
    const order = comparePart(x, y)
    if (order !== 0) return order
  }
  return 0
}

/**
 * A text that sorts, byte by byte, as `compareVersions` does: for indexes of databases. Each part is its rank, then a
 * number as its length and digits, or a word and a space.
 */
export function versionKey(version: string): string {
  const key = parts(version).map(({ rank, number, word }) => {
    const digits = String(number)
    return rank === 3 ? `3${String(digits.length).padStart(3, '0')}${digits}` : `${rank}${word} `
  })
  return `${key.join('')}${END.rank}`
}
