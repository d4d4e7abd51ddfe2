import { expect, test } from 'vitest'
import { murmur3 } from '#core/wire/murmur3.ts'

test.each([
  ['', 0],
  ['hello', 0x248bfa47],
  ['hello, world', 0x149bbb7f],
  ['19 Jan 2038 at 3:14:07 AM', 0xe31e8a70],
  ['The quick brown fox jumps over the lazy dog.', 0xd5c48bfc],
])('published values: %s', (text, value) => {
  expect(murmur3(Buffer.from(text)) >>> 0).toBe(value)
})
