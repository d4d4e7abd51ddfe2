import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseQuery } from '#core/exposure/query/parse-query.ts'
import type { Condition, Query } from '#core/exposure/query/query.ts'
import { MAX_QUERY } from '#core/exposure/query/tokens.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')
const DAY = 86_400_000

/** The tree as text, with all its parentheses. */
function show(query: Query): string {
  if (query.kind === 'not') return `NOT ${show(query.part)}`
  if (query.kind !== 'is') return `(${query.parts.map(show).join(query.kind === 'and' ? ' ' : ' OR ')})`
  const { field, ...value } = query.condition
  return `${field}=${Object.values(value).join('')}`
}

function read(text: string): string {
  const parsed = parseQuery(text, NOW)
  return parsed.ok
    ? parsed.value === null
      ? ''
      : show(parsed.value)
    : `${parsed.flaw.position}: ${parsed.flaw.problem}`
}

function condition(text: string): Condition {
  const parsed = parseQuery(text, NOW)
  if (!parsed.ok || parsed.value?.kind !== 'is') throw new Error(`${text}: ${JSON.stringify(parsed)}`)
  return parsed.value.condition
}

test.each([
  ['', ''],
  ['  ', ''],
  ['service:ssh', 'service=ssh'],
  ['SERVICE:ssh', 'service=ssh'],
  ['service:ssh product:OpenSSH', '(service=ssh product=OpenSSH)'],
  ['service:ssh AND vantage:office', '(service=ssh vantage=office)'],
  ['a OR b c', '(any=a OR (any=b any=c))'],
  ['(a OR b) c', '((any=a OR any=b) any=c)'],
  ['-a', 'NOT any=a'],
  ['NOT a b', '(NOT any=a any=b)'],
  ['-(a OR b)', 'NOT (any=a OR any=b)'],
  ['- -a', 'NOT NOT any=a'],
  ['product:"Apache httpd"', 'product=Apache httpd'],
  ['"product:x"', 'any=product:x'],
  ['"OR"', 'any=OR'],
  ['"-a"', 'any=-a'],
  ['"say \\"hi\\""', 'any=say "hi"'],
  ['version:<9.6', 'version=<9.6'],
  ['version:>=2', 'version=>=2'],
  ['version:1.0', 'version==1.0'],
  ['state:open|filtered', 'state=open|filtered'],
  ['has:tls', 'has=tls'],
])('%s', (text, tree) => {
  expect(read(text)).toBe(tree)
})

test('addresses, blocks and ranges, with or without the name of the field', () => {
  const ten = { first: 0x0a000000n, last: 0x0affffffn }
  expect(condition('net:10.0.0.0/8')).toEqual({ field: 'net', span: ten })
  expect(condition('10.0.0.0/8')).toEqual({ field: 'net', span: ten })
  expect(condition('ip:10.0.0.0-10.255.255.255')).toEqual({ field: 'net', span: ten })
  expect(condition('::1')).toEqual(condition('net:::1'))
  expect(condition('2001:db8::/32')).toMatchObject({ field: 'net' })
})

test('ages and dates', () => {
  expect(condition('seen:<7d')).toEqual({ field: 'seen', comparison: '>', at: NOW - 7 * DAY })
  expect(condition('changed:>1d')).toEqual({ field: 'changed', comparison: '<', at: NOW - DAY })
  expect(condition('changed:12h')).toEqual({ field: 'changed', comparison: '>', at: NOW - DAY / 2 })
  expect(condition('first:>=2026-11-01')).toEqual({ field: 'first', comparison: '>=', at: Date.parse('2026-11-01') })
  expect(condition('tls.expires:<30d')).toEqual({ field: 'tls.expires', comparison: '<', at: NOW + 30 * DAY })
  // What no database could hold is the end of time instead.
  expect(condition('seen:<999999w')).toMatchObject({ at: 0 })
})

test.each([
  [
    'port:22,8000-8010',
    [
      { first: 22, last: 22 },
      { first: 8000, last: 8010 },
    ],
  ],
  ['port:0', [{ first: 0, last: 0 }]],
])('%s', (text, ranges) => {
  expect(condition(text)).toEqual({ field: 'port', ranges })
})

describe('what is wrong is shown where it is', () => {
  test.each([
    ['serivce:ssh', 0, /no field "serivce"/, /did you mean service:/],
    ['a colour:red', 2, /no field "colour"/, /fields are .*; quote the word/],
    ['port:22-', 5, /"22-" is no port/, /1-1024/],
    ['port:70000', 5, /over 65535/, /65535/],
    ['port:90-80', 5, /backwards/, /write 80-90/],
    ['state:ajar', 6, /"ajar" is no state/, /open, closed/],
    ['net:10.0.0.300', 13, /./, /./],
    ['net:10.0.0.9-10.0.0.1', 4, /lower to a higher/, /./],
    ['seen:soon', 5, /"soon" is no time/, /7d/],
    ['version:<', 8, /no version/, /9\.6/],
    ['service:', 8, /no value/, /has:service/],
    ['(a OR b', 0, /never closed/, /add a \)/],
    ['a OR b)', 6, /closes nothing/, /remove/],
    ['a OR', 4, /missing/, /./],
    ['OR a', 0, /missing/, /./],
    ['NOT', 3, /missing/, /./],
    ['a "b', 2, /never closed/, /add a "/],
    ['has:legs', 4, /does not know "legs"/, /tls/],
    ['-', 1, /missing/, /./],
  ])('%s', (text, position, problem, fix) => {
    const parsed = parseQuery(text, NOW)
    expect(parsed).toMatchObject({ ok: false, flaw: { position } })
    if (parsed.ok) return
    expect(parsed.flaw.problem).toMatch(problem)
    expect(parsed.flaw.fix).toMatch(fix)
  })
})

/** A tree, written down again, is read as the same tree. */
const word = fc.constantFrom('service:ssh', 'port:22', 'net:10.0.0.0/8', 'version:<9', '"two words"', 'seen:<7d', 'x')
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    word,
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((parts) => `(${parts.join(' OR ')})`),
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((parts) => `(${parts.join(' ')})`),
    tie('tree').map((part) => `-${part}`),
  ),
}))

test('whatever is well formed is read, and more parentheses change nothing', () => {
  fc.assert(
    fc.property(tree, (text) => {
      const parsed = parseQuery(text, NOW)
      expect(parsed.ok || parsed.flaw.problem).toBe(true)
      expect(parseQuery(` ( ${text} ) `, NOW)).toEqual(parsed)
    }),
    { numRuns: 500 },
  )
})

test('nothing anybody writes throws, and every mistake has a place in it', () => {
  const pieces = fc.constantFrom(
    '(',
    ')',
    '"',
    '-',
    ':',
    ' ',
    'OR',
    'NOT',
    'port:',
    'net:',
    'version:<',
    'seen:',
    'name:',
    'tag:',
    '\\',
    '*',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(fc.oneof(pieces, fc.string({ maxLength: 6 })), { maxLength: 20 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (query) => {
      const parsed = parseQuery(query, NOW)
      if (parsed.ok) return
      expect(parsed.flaw.position).toBeGreaterThanOrEqual(0)
      expect(parsed.flaw.position).toBeLessThanOrEqual(query.length)
      expect(parsed.flaw.problem).not.toBe('')
      expect(parsed.flaw.fix).not.toBe('')
    }),
    { numRuns: 5_000 },
  )
})

test('what is too long, too deep or too much is refused, quickly', () => {
  const started = performance.now()
  for (const text of [
    'a'.repeat(MAX_QUERY + 1),
    '('.repeat(MAX_QUERY),
    '-'.repeat(MAX_QUERY),
    'a '.repeat(MAX_QUERY / 2),
  ])
    expect(parseQuery(text, NOW).ok).toBe(false)
  expect(parseQuery(`"${'\\"'.repeat(900)}"`, NOW).ok).toBe(true)
  expect(performance.now() - started).toBeLessThan(500)
})
