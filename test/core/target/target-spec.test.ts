import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Address, parseAddress } from '#core/target/address.ts'
import { formatSpan, nthAddress, sizeOf } from '#core/target/address-set.ts'
import { describeSpecError } from '#core/target/parsed.ts'
import {
  parseTargetSpec,
  parseTargets,
  resolveTargets,
  splitTargetText,
  splitTargetWord,
  type Targets,
} from '#core/target/target-spec.ts'

function targets(...specs: string[]): Targets {
  const parsed = parseTargets(specs)
  if (!parsed.ok) throw new Error(parsed.errors.map(describeSpecError).join('\n'))
  return parsed.targets
}

const ranges = (...specs: string[]) => targets(...specs).literal.spans.map(formatSpan)

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}

function refusal(spec: string): string {
  const parsed = parseTargets([spec])
  return parsed.ok ? 'accepted' : parsed.errors.map(describeSpecError).join()
}

test.each([
  ['192.0.2.1', ['192.0.2.1']],
  ['192.0.2.77/24', ['192.0.2.0/24']],
  ['0.0.0.0/0', ['0.0.0.0/0']],
  ['2001:db8::/64', ['2001:db8::/64']],
  ['::/0', ['::/0']],
  ['::1', ['::1']],
  ['10.0.0.1-10.0.0.50', ['10.0.0.1-10.0.0.50']],
  ['10.0.0.1-50', ['10.0.0.1-10.0.0.50']],
  ['10.0.0.0-10.0.1.255', ['10.0.0.0/23']],
  ['10.0.0.1,3,5', ['10.0.0.1', '10.0.0.3', '10.0.0.5']],
  ['10.0.0.1,2,4-7', ['10.0.0.1-10.0.0.2', '10.0.0.4/30']],
  ['10.0.0-1.1-2', ['10.0.0.1-10.0.0.2', '10.0.1.1-10.0.1.2']],
  ['10.1-2.*.-', ['10.1.0.0-10.2.255.255']],
  ['10.0.0.250-', ['10.0.0.250-10.0.0.255']],
  ['1-2,4.0-255.*.-', ['1.0.0.0-2.255.255.255', '4.0.0.0/8']],
  ['2001:db8::1-2001:db8::4', ['2001:db8::1-2001:db8::4']],
])('%s names %j', (spec, expected) => expect(ranges(spec)).toEqual(expected))

test('octet ranges name exactly the product of their octets', () => {
  const octet = fc.uniqueArray(fc.nat(255), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), ([a, b, c, d]) => {
      const { literal } = targets([a, b, c, d].map((values) => values.join(',')).join('.'))
      const expected = a
        .flatMap((w) => b.flatMap((x) => c.flatMap((y) => d.map((z) => ((w * 256 + x) * 256 + y) * 256 + z))))
        .sort((m, n) => m - n)
      expect(sizeOf(literal)).toBe(BigInt(expected.length))
      for (const [i, value] of expected.entries()) expect(nthAddress(literal, BigInt(i))).toEqual({ family: 4, value })
    }),
    { numRuns: 50 },
  )
})

test('a few words that name more ranges than are allowed are refused at the word where it becomes too much', () => {
  const even = Array.from({ length: 128 }, (_, i) => i * 2).join(',')
  const specs = Array.from({ length: 1_000 }, (_, i) => `10.${even}.${even}.${i % 256}`)
  const refused = parseTargets(['192.0.2.1', ...specs], { mostRanges: 40_000 })
  expect(refused).toMatchObject({ ok: false, errors: [{ pointer: '/targets/3', problem: /too many ranges/ }] })
  expect(parseTargets(specs.slice(0, 2), { mostRanges: 40_000 }).ok).toBe(true)
})

test('overlaps are counted once, and the largest specs are not expanded', () => {
  expect(sizeOf(targets('10.0.0.0/24', '10.0.0.0-10.0.0.127', '10.0.0.5', '10.0.0.5').literal)).toBe(256n)
  expect(sizeOf(targets('0.0.0.0/0', '10.0.0.0/8', '2001:db8::/64').literal)).toBe(2n ** 32n + 2n ** 64n)
})

describe('names', () => {
  test.each([
    ['example.org', 'example.org'],
    ['EXAMPLE.org.', 'example.org'],
    ['localhost', 'localhost'],
    ['3com.example', '3com.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ])('%s is looked up as %s', (spec, name) => expect(targets(spec).names).toEqual([{ name, prefix: null }]))

  test('the same name is asked once; a prefix is kept', () => {
    expect(targets('a.example', 'A.example.', 'a.example/24').names).toEqual([
      { name: 'a.example', prefix: null },
      { name: 'a.example', prefix: 24 },
    ])
  })
})

test.each([
  ['', 'empty', 1],
  ['10.0.0.1 10.0.0.2', 'white space', 9],
  ['http://example.org/', 'URL', 1],
  ['10.0.0.1:80', 'ports do not belong', 9],
  ['[::1]:80', 'ports do not belong', 6],
  ['example.org:443', 'ports do not belong', 12],
  ['10.0.0.0/33', 'largest is 32', 10],
  ['2001:db8::/129', 'largest is 128', 12],
  ['10.0.0.0/', 'not a plain number', 10],
  ['10.0.0.0/024', 'not a plain number', 10],
  ['10.0.0.50-10.0.0.1', 'backwards', 10],
  ['10.0.0.9-5', 'backwards', 8],
  ['10.0.0.1-10.0.0', 'short', 16],
  ['::1-10.0.0.1', 'different families', 5],
  ['127.1', 'short', 6],
  ['2130706433', 'short', 11],
  ['0x7f000001', 'hexadecimal', 1],
  ['0x7f.1', 'hexadecimal', 1],
  ['0177.0.0.1', 'octal', 1],
  ['127.0.0.1.', 'trailing dot', 10],
  ['fe80::1%eth0', 'zone id', 8],
  ['::ffff:127.0.0.1', 'an IPv4 address written as IPv6', 1],
  ['::ffff:10.0.0.0/104', 'written as IPv6', 1],
  ['１２７.0.0.1', 'in disguise', 1],
  ['１２７.1', 'in disguise', 1],
  ['a..b', 'label of the name is empty', 3],
  ['-a.example', 'hyphen', 1],
  ['my_host', 'cannot stand', 3],
  [`${'a'.repeat(64)}.example`, '63 characters', 1],
  [`${'a.'.repeat(127)}aaaa`, '253 characters', 1],
  ['0-255.0-255.0-255.1,3', 'more than 65536 ranges', 1],
  ['10.0.0.1,', 'octet is empty', 10],
  ['10.0.0.256-300', 'over 255', 8],
])('%s is refused: %s', (spec, problem, character) => {
  expect(refusal(spec)).toContain(problem)
  expect(refusal(spec)).toContain(`(at character ${character})`)
})

test('every flaw of a list is reported, with a pointer to it', () => {
  const parsed = parseTargets(['10.0.0.1', '10.0.0', '::1', 'a b'], { pointer: '/exclude' })
  expect(parsed.ok ? [] : parsed.errors.map((error) => error.pointer)).toEqual(['/exclude/1', '/exclude/3'])
})

test('no text throws, takes long, or has a flaw outside itself', () => {
  const alphabet = fc.constantFrom(...'0123456789.-,*/:abcf%[]!é１。 \n')
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: alphabet, maxLength: 30 }), fc.string({ unit: 'binary' })), (text) => {
      const parsed = parseTargetSpec(text)
      if (!parsed.ok) expect(parsed.flaw.position).toBeLessThanOrEqual(text.length)
    }),
    { numRuns: 1000 },
  )
})

test('commas separate specs where they do not separate octets', () => {
  expect(splitTargetWord('10.0.0.1,3,5')).toEqual(['10.0.0.1,3,5'])
  expect(splitTargetWord('10.0.0.1,10.0.0.2/31,a.example')).toEqual(['10.0.0.1', '10.0.0.2/31', 'a.example'])
  expect(splitTargetWord('10.0.0.1,3,a.example')).toEqual(['10.0.0.1,3,a.example'])
})

test('a target file has comments and any white space', () => {
  expect(splitTargetText('10.0.0.1  10.0.0.2 # two\r\n# none\n\n\texample.org#x\n')).toEqual([
    '10.0.0.1',
    '10.0.0.2',
    'example.org',
  ])
})

describe('resolved', () => {
  const answers = new Map([
    ['www.example', [address('192.0.2.10'), address('2001:db8::10'), address('192.0.2.10')]],
    ['mapped.example', [address('::ffff:192.0.2.11')]],
  ])
  const reach = (wanted: string[], exclude: string[] = []) => {
    const { addresses, unresolved } = resolveTargets({
      targets: targets(...wanted),
      exclude: targets(...exclude),
      answers,
    })
    return [...addresses.spans.map(formatSpan), ...unresolved.map((name) => `? ${name}`)]
  }
  test('a name stands for all of its addresses', () =>
    expect(reach(['www.example', '192.0.2.9'])).toEqual(['192.0.2.9-192.0.2.10', '2001:db8::10']))
  test('a prefix picks the family', () => {
    expect(reach(['www.example/24'])).toEqual(['192.0.2.0/24'])
    expect(reach(['www.example/64'])).toEqual(['2001:db8::/64'])
  })
  test('a v4-mapped answer is the IPv4 address', () => expect(reach(['mapped.example'])).toEqual(['192.0.2.11']))
  test('names are excluded by their addresses', () =>
    expect(reach(['192.0.2.8/30'], ['www.example'])).toEqual(['192.0.2.8/31', '192.0.2.11']))
  test('what has no address is named', () => expect(reach(['gone.example'])).toEqual(['? gone.example']))
})
