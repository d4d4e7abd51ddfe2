import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAddress } from '#core/target/address.ts'
import {
  type AddressSet,
  formatSpan,
  intersect,
  isEmpty,
  pointOf,
  setOf,
  spanOfCidr,
  subtract,
  union,
} from '#core/target/address-set.ts'
import { parseCidr } from '#core/target/cidr.ts'
import { checkScope, DEFAULT_SCOPE, type Scope, specialPurposeOf } from '#core/target/guard.ts'
import { SPECIAL_PURPOSE } from '#core/target/special-purpose.data.ts'

const NOW = Date.UTC(2026, 0, 1)

/** Unlike target specs, this accepts v4-mapped addresses: the guard must not depend on who came before it. */
function set(...items: string[]): AddressSet {
  return setOf(
    items.map((item) => {
      const [text = '', prefix] = item.split('/')
      const address = parseAddress(text)
      if (!address.ok) throw new Error(item)
      return prefix
        ? spanOfCidr({ address: address.value, prefix: Number(prefix) })
        : { first: pointOf(address.value), last: pointOf(address.value) }
    }),
  )
}

const scope = (allow: string[], deny: string[] = []): Scope => ({
  allow: allow.map((cidr) => ({ cidr, expiresAt: null })),
  deny: deny.map((cidr) => ({ cidr })),
})

function verdict(targets: AddressSet, under: Scope) {
  const { allowed, refused } = checkScope(targets, under, NOW)
  return {
    allowed: allowed.spans.map(formatSpan),
    refused: refused.map(({ addresses, reason }) => `${addresses.spans.map(formatSpan).join(' ')} ${reason}`),
  }
}

test('a new installation scans loopback and nothing else', () => {
  expect(verdict(set('127.0.0.1', '::1', '192.168.1.1', '8.8.8.8'), DEFAULT_SCOPE)).toEqual({
    allowed: ['127.0.0.1', '::1'],
    refused: ['192.168.1.1 special-purpose', '8.8.8.8 not-in-scope'],
  })
})

test('a special range is opened only by an entry inside it', () => {
  const everything = scope(['0.0.0.0/0', '::/0'])
  for (const { cidr } of SPECIAL_PURPOSE) expect(isEmpty(checkScope(set(cidr), everything, NOW).allowed)).toBe(true)
  expect(verdict(set('9.9.9.9', '2606:4700::1'), everything).allowed).toEqual(['9.9.9.9', '2606:4700::1'])
  expect(verdict(set('10.1.2.3', '10.9.9.9'), scope(['10.1.0.0/16']))).toEqual({
    allowed: ['10.1.2.3'],
    refused: ['10.9.9.9 special-purpose'],
  })
})

test('the innermost special range must be named: link local does not open the metadata service', () => {
  const wide = scope(['169.254.0.0/16', 'fc00::/7'])
  expect(verdict(set('169.254.169.254', '169.254.1.1', 'fd00:ec2::254', 'fd00::1'), wide)).toEqual({
    allowed: ['169.254.1.1', 'fd00::1'],
    refused: expect.arrayContaining(['169.254.169.254 special-purpose', 'fd00:ec2::254 special-purpose']),
  })
  expect(verdict(set('169.254.169.254'), scope(['169.254.169.254/32'])).allowed).toEqual(['169.254.169.254'])
})

test('do-not-scan beats every scope, and says why', () => {
  const under: Scope = { ...scope(['127.0.0.0/8']), deny: [{ cidr: '127.0.0.8/29', reason: 'the robot' }] }
  const { allowed, refused } = checkScope(set('127.0.0.0/28'), under, NOW)
  expect(allowed.spans.map(formatSpan)).toEqual(['127.0.0.0/29'])
  expect(refused[0]).toMatchObject({ reason: 'do-not-scan', detail: expect.stringContaining('the robot') })
})

test('an expired entry allows nothing and is named', () => {
  const under: Scope = {
    allow: [
      { cidr: '198.51.100.0/24', expiresAt: NOW },
      { cidr: '9.9.9.0/24', expiresAt: NOW - 1 },
      { cidr: '9.9.9.9/32', expiresAt: NOW + 1 },
    ],
    deny: [],
  }
  expect(verdict(set('198.51.100.1', '9.9.9.8', '9.9.9.9'), under)).toEqual({
    allowed: ['9.9.9.9'],
    refused: ['198.51.100.1 expired', '9.9.9.8 expired'],
  })
})

test.each([
  ['::ffff:127.0.0.1', '127.0.0.0/8'],
  ['64:ff9b::7f00:1', '127.0.0.0/8'],
  ['2002:7f00:1::5', '127.0.0.0/8'],
])('%s is judged as the IPv4 address inside', (wrapped, entry) => {
  expect(verdict(set(wrapped), scope([entry])).allowed).toEqual(set(wrapped).spans.map(formatSpan))
  expect(verdict(set(wrapped), scope(['::/0'])).allowed).toEqual([])
  expect(verdict(set(wrapped), scope([entry], ['127.0.0.1/32'])).refused).toEqual([
    `${set(wrapped).spans.map(formatSpan)} do-not-scan`,
  ])
})

test('the metadata service is not reached through NAT64, nor a forbidden prefix through its inside', () => {
  expect(verdict(set('64:ff9b::a9fe:a9fe'), scope(['64:ff9b::/96', '169.254.0.0/16'])).allowed).toEqual([])
  expect(verdict(set('64:ff9b::909:909'), scope(['9.9.9.9/32'], ['64:ff9b::/96'])).allowed).toEqual([])
})

test('allowed and refused are a partition of the targets, whatever the scope', () => {
  const cidr = fc.oneof(
    fc.tuple(
      fc.constantFrom('10.0.0.0', '10.0.1.0', '127.0.0.0', '9.9.8.0', '169.254.169.254'),
      fc.integer({ min: 0, max: 32 }),
    ),
    fc.tuple(
      fc.constantFrom('::', '2002:a00::', '64:ff9b::', '2606:4700::', 'fd00:ec2::'),
      fc.integer({ min: 0, max: 128 }),
    ),
  )
  const entry = fc
    .tuple(cidr, fc.constantFrom(null, NOW - 5, NOW + 5))
    .map(([[a, p], expiresAt]) => ({ cidr: `${a}/${p}`, expiresAt }))
  const list = fc.array(entry, { maxLength: 4 })
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 4 }), list, list, (wanted, allow, deny) => {
      const targets = set(...wanted.map(([a, p]) => `${a}/${p}`))
      const { allowed, refused } = checkScope(targets, { allow, deny }, NOW)
      const bad = union(...refused.map((refusal) => refusal.addresses))
      expect(union(allowed, bad)).toEqual(targets)
      expect(isEmpty(intersect(allowed, bad))).toBe(true)
      expect(isEmpty(intersect(allowed, set(...deny.map((line) => line.cidr))))).toBe(true)
      for (const { addresses } of refused) expect(isEmpty(addresses)).toBe(false)
      // Nothing is allowed that an address-by-address check would refuse.
      for (const span of allowed.spans.slice(0, 3))
        expect(checkScope({ spans: [{ first: span.first, last: span.first }] }, { allow, deny }, NOW).refused).toEqual(
          [],
        )
      expect(subtract(allowed, targets).spans).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('the innermost special range of an address is told', () => {
  const of = (text: string) => {
    const address = parseAddress(text)
    return address.ok ? (specialPurposeOf(address.value)?.name ?? null) : text
  }
  expect(['127.0.0.1', '169.254.169.254', 'fe80::1', '9.9.9.9'].map(of)).toEqual([
    'loopback',
    'cloud metadata service',
    'link local',
    null,
  ])
})

test('the registry data parses, is canonical and has no line twice', () => {
  for (const { cidr } of SPECIAL_PURPOSE) {
    const parsed = parseCidr(cidr)
    expect(
      parsed.ok &&
        setOf([spanOfCidr(parsed.value)])
          .spans.map(formatSpan)[0]
          ?.split('/')[0],
    ).toBe(cidr.split('/')[0])
  }
  expect(new Set(SPECIAL_PURPOSE.map(({ cidr }) => cidr)).size).toBe(SPECIAL_PURPOSE.length)
})
