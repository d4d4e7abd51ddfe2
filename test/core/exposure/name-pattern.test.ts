import { expect, test } from 'vitest'
import { parseNamePattern } from '#core/exposure/name-pattern.ts'
import { wildcard } from '#core/target/wildcard.ts'

function pattern(text: string): string {
  const parsed = parseNamePattern(text)
  if (!parsed.ok) throw new Error(parsed.flaw.problem)
  return parsed.value
}

test.each([
  ['www.example.org', 'www.example.org', true],
  ['www.example.org', 'xwww.example.org', false],
  ['WWW.Example.ORG.', 'www.example.org', true],
  ['*.example.org', 'www.example.org', true],
  ['*.example.org', 'a.b.example.org', true],
  ['*.example.org', 'example.org', false],
  ['*.example.org', 'www.badexample.org', false],
  ['*.example.org', 'www.example.org.evil.test', false],
  ['web-*.example.*', 'web-7.example.net', true],
  ['a*a', 'a', false],
  ['*db*.lan', 'mydb1.lan', true],
  ['*b*b*', 'abc', false],
  ['*.b\u00fccher.example', 'www.xn--bcher-kva.example', true],
  ['*', 'anything', true],
])('%s for %s: %s', (written, name, matched) => {
  expect(wildcard(pattern(written))(name)).toBe(matched)
})

test('a pattern of many asterisks is compared at once', () => {
  expect(wildcard(pattern('*a*a*a*a*a*a*a*b'))(`${'a'.repeat(250)}c`)).toBe(false)
})

test.each([
  ['10.0.0.*', 'targets'],
  ['192.0.2.7', 'targets'],
  ['two words', 'www.example.org'],
  ['http://example.org', 'www.example.org'],
  ['a..b', 'www.example.org'],
  [`${'a'.repeat(250)}.org`, 'shorten'],
  ['*a*a*a*a*a*a*a*a*a', 'one stands for'],
])('%s is refused with what to write instead', (written, advice) => {
  expect(parseNamePattern(written)).toMatchObject({ ok: false, flaw: { fix: expect.stringContaining(advice) } })
})
