import { expect, test } from 'vitest'
import { compareLooks, type Look } from '#core/exposure/compare-looks.ts'

const look = (wish: Partial<Look> = {}): Look => ({
  service: 'ssh',
  product: 'OpenSSH',
  version: '9.2p1',
  certificate: null,
  ...wish,
})
const before = look()
const upgraded = look({ version: '9.6p1' })
const dropbear = look({ product: 'Dropbear', version: '2022.83' })
const nothing: Look = { service: null, product: null, version: null, certificate: null }

test.each([
  ['the same again', upgraded, upgraded, 'agrees'],
  ['the old version again', upgraded, before, 'differs'],
  ['a third version', upgraded, look({ version: '9.7p1' }), 'differs'],
  ['no answer', upgraded, nothing, 'silent'],
  ['an answer without a version', upgraded, look({ version: null }), 'silent'],
  ['another product than both', upgraded, dropbear, 'differs'],
  ['the new product again', dropbear, dropbear, 'agrees'],
  ['the new product in another version', dropbear, look({ product: 'Dropbear', version: '2022.82' }), 'agrees'],
  ['the old product again', dropbear, before, 'differs'],
  ['a service without its product', dropbear, look({ product: null, version: null }), 'silent'],
] as const)('%s', (_, first, second, agreement) => {
  expect(compareLooks({ before, first, second })).toBe(agreement)
})

test('of two things that changed, both have to be seen again', () => {
  const old = look({ certificate: 'aa' })
  const first = look({ version: '9.6p1', certificate: 'bb' })
  expect(compareLooks({ before: old, first, second: first })).toBe('agrees')
  expect(compareLooks({ before: old, first, second: { ...first, certificate: 'aa' } })).toBe('differs')
  expect(compareLooks({ before: old, first, second: { ...first, certificate: null } })).toBe('silent')
})

test('what did not change is not asked about', () => {
  const old = look({ certificate: 'aa' })
  const first = look({ certificate: 'bb' })
  expect(compareLooks({ before: old, first, second: look({ version: '9.1p1', certificate: 'bb' }) })).toBe('agrees')
})

test('a certificate needs no service whose it is', () => {
  const shown = (certificate: string): Look => ({ ...nothing, certificate })
  expect(compareLooks({ before: shown('aa'), first: shown('bb'), second: shown('bb') })).toBe('agrees')
  expect(compareLooks({ before: shown('aa'), first: shown('bb'), second: shown('aa') })).toBe('differs')
})
