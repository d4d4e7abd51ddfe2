/** Every fingerprint does what its examples say, first in its table, in linear time. */
import { describe, expect, test } from 'vitest'
import { createMatcher, literalsOf } from '#core/detect/fingerprint.ts'
import { FINGERPRINTS } from '#core/detect/fingerprints.ts'

describe.each(Object.entries(FINGERPRINTS))('%s', (_, table) => {
  const match = createMatcher(table)

  test('every example yields its version, by the fingerprint it stands beside', () => {
    const wrong: string[] = []
    for (const fingerprint of table) {
      const alone = createMatcher([fingerprint])
      const examples = Object.entries(fingerprint.examples)
      if (examples.length === 0) wrong.push(`${fingerprint.match.source}: no example`)
      for (const [text, version] of examples) {
        const found = match(text)
        if (found === null || (found.version ?? null) !== version)
          wrong.push(`${text}: version ${found?.version}, not ${version}`)
        else if (JSON.stringify(found) !== JSON.stringify(alone(text)))
          wrong.push(`${text}: taken by ${found?.product}`)
        for (const name of found?.cpe ?? []) if (!CPE.test(name)) wrong.push(`${text}: ${name}`)
        if (fingerprint.cpe?.includes('\\')) wrong.push(`${text}: ${fingerprint.cpe} is escaped twice`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('no pattern can be made to backtrack', () => {
    const bait = ['a', '0', '.', '0.', ' ', '-', '_', '/', 'a ', 'a-', '(', 'A1 '].map((piece) => piece.repeat(2048))
    for (const { match: pattern, examples } of table) {
      const heads = Object.keys(examples).slice(0, 1)
      for (const text of [...bait, ...heads.flatMap((head) => [head.repeat(200), ...bait.map((b) => head + b)])]) {
        const took = quickest(() => pattern.exec(text.slice(0, 2048)))
        if (took > 50) expect.fail(`${pattern.source} took ${took} ms on ${text.slice(0, 60)}`)
      }
    }
  })
})

/** Milliseconds of the quickest of three runs, when the first is slow: a busy machine is no backtracking. */
function quickest(run: () => unknown): number {
  const once = () => {
    const started = performance.now()
    run()
    return performance.now() - started
  }
  const first = once()
  return first < 50 ? first : Math.min(first, once(), once())
}

const CPE = /^cpe:2\.3:[aoh]:(?:[a-z0-9._-]|\\[!-~])+(?::(?:\*|-|(?:[a-z0-9._-]|\\[!-~])+)){9}$/

test('the index knows which text a pattern cannot do without', () => {
  expect(literalsOf('^OpenSSH_for_Windows_(?<version>\\d[\\w.]*)')).toEqual(['openssh_for_windows_'])
  expect(literalsOf('^foo|bar')).toEqual(['foo', 'bar'])
  expect(literalsOf('^foo|b')).toBeNull()
  expect(literalsOf('ab?cde')).toEqual(['cde'])
  expect(literalsOf('x\\.y\\/z[abc]def')).toEqual(['x.y/z'])
  expect(literalsOf('\\d+\\.\\d+')).toBeNull()
})

test.each(Object.entries(FINGERPRINTS))(
  '%s: a literal that is given is the one the pattern cannot do without',
  (_, all) => {
    for (const { literal, match } of all) {
      if (literal === undefined) continue
      const read = literalsOf(match.source)
      expect(read, literal).toEqual(literal.length < 3 ? null : [literal])
    }
  },
)
