import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareVersions, versionKey } from '#core/exposure/version-order.ts'

test.each([
  ['1.9', '1.10'],
  ['9.2', '9.2p1'],
  ['9.2p1', '9.6'],
  ['2.0-rc1', '2.0'],
  ['2.0-alpha', '2.0-beta'],
  ['2.0~beta3', '2.0'],
  ['1.0.2', '1.0.2a'],
  ['1.0.2a', '1.0.2k'],
  ['1.0.2k', '1.1.0'],
  ['8.0.33', '8.0.34-0ubuntu1'],
  ['7.4', '18446744073709551616.0'],
])('%s is older than %s', (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0)
  expect(compareVersions(newer, older)).toBeGreaterThan(0)
})

test.each([
  ['1.0', '1.0.0'],
  ['v3.5.1', '3.5.1'],
  ['2.4.57', '2.4.57'],
  ['2.0-rc1', '2-rc1'],
])('%s and %s are the same', (a, b) => {
  expect(compareVersions(a, b)).toBe(0)
})

test('is a total preorder on anything a server may say', () => {
  const version = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,3}(\.\d{1,3}){0,3}(p\d|-rc\d|[a-z])?$/))
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0)
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) expect(compareVersions(a, c)).toBeLessThanOrEqual(0)
    }),
    { numRuns: 2000 },
  )
})

test('keys sort, byte by byte, as versions do', () => {
  const version = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,3}(\.\d{1,3}){0,3}(p\d|-rc\d|~beta|[a-z]{1,2})?$/))
  fc.assert(
    fc.property(version, version, (a, b) => {
      const order = Buffer.compare(Buffer.from(versionKey(a)), Buffer.from(versionKey(b)))
      expect(Math.sign(order)).toBe(Math.sign(compareVersions(a, b)))
    }),
    { numRuns: 3000 },
  )
})
