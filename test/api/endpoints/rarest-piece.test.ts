import { rarestPiece } from '@portolan/api/endpoints/rarest-piece.ts'
import { expect, test } from 'vitest'

test.each([
  ['host-251741.example.org', '251741'],
  ['on host 2005229', '200522'],
  ['*.example.com', 'exampl'],
  ['jenkins', 'jenkin'],
  ['ngi*x', 'ngi'],
  ['*nginx*', 'nginx'],
  ['a*b', null],
  ['-- 12', null],
  ['übermäßig', 'berm'],
  ['', null],
])('%s', (pattern, expected) => {
  expect(rarestPiece(pattern)).toBe(expected)
})
