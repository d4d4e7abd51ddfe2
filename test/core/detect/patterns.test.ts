/**
 * No server can make a pattern hang: of every regular expression that meets a stranger's text it is proved that the
 * work does not grow exponentially, and the few whose work grows faster than the text are attacked where they are weak.
 */
import { parseSync, Visitor } from 'oxc-parser'
import { analyse } from 'scslre'
import { expect, test } from 'vitest'
import { FINGERPRINTS } from '#core/detect/fingerprints.ts'
import { readSource, sourcePaths } from '#test/support/source-tree.ts'

interface Pattern {
  readonly where: string
  readonly pattern: RegExp
  /** Texts it is meant for, to get past its beginning. */
  readonly heads: readonly string[]
}

const tables: Pattern[] = Object.entries(FINGERPRINTS).flatMap(([where, table]) =>
  table.map(({ match, examples }) => ({ where, pattern: match, heads: Object.keys(examples).slice(0, 2) })),
)

const literals: Pattern[] = sourcePaths(
  'packages/core/src/detect',
  'packages/core/src/knowledge',
  'packages/core/src/wire',
)
  .filter((file) => !file.includes('/fingerprints/'))
  .flatMap((file) => {
    const found: Pattern[] = []
    const { program } = parseSync(file, readSource(file).text)
    new Visitor({
      Literal: (node) => {
        if ('regex' in node && node.value instanceof RegExp) found.push({ where: file, pattern: node.value, heads: [] })
      },
    }).visit(program)
    return found
  })

/** Characters of a text that is matched whole: more is cut before (`TEXT_CAP` in fingerprint.ts). */
const LENGTH = 2048
/** Milliseconds of processor time for one attack; linear patterns need a hundredth of one. */
const LIMIT = 1000

function attack({ where, pattern, heads }: Pattern, weak: string): string[] {
  const bodies = [weak.repeat(LENGTH), `${weak.repeat(LENGTH / 2)}0${weak.repeat(LENGTH / 2)}`]
  const texts = bodies.flatMap((body) => ['', ...heads].map((head) => `${head}${body}`.slice(0, LENGTH)))
  return texts.flatMap((text) => {
    const before = process.cpuUsage()
    pattern.exec(`${text}\0`)
    const { user } = process.cpuUsage(before)
    return user > LIMIT * 1000 ? [`${where}: ${pattern.source}: ${user / 1000} ms`] : []
  })
}

test.each([
  ['fingerprints', tables, 1500],
  ['source', literals, 800],
] as const)('%s: nothing exponential, and the weak spots hold', { timeout: 120_000 }, (_, patterns, least) => {
  expect(patterns.length).toBeGreaterThan(least)
  const wrong = patterns.flatMap((subject) =>
    analyse(subject.pattern, { maxReports: 4 }).reports.flatMap((report) => {
      if (report.exponential) return [`${subject.where}: exponential: ${subject.pattern.source}`]
      return attack(subject, report.character.pick)
    }),
  )
  expect(wrong).toEqual([])
})

test('the analysis knows an exponential pattern when it sees one', () => {
  expect(analyse(/^(?:a+)+$/).reports.some((r) => r.exponential)).toBe(true)
})
