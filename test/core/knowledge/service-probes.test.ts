/** A probe file in the documented format, written for this test. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import { translatePerl } from '#core/knowledge/perl-pattern.ts'
import { protocolsOf } from '#core/knowledge/probe-protocols.ts'
import { readServiceProbes } from '#core/knowledge/service-probes.ts'
import { talkingServer } from '#test/support/live-server.ts'

const FILE = `
# a comment
Exclude T:9100-9107
Probe TCP NULL q||
totalwaitms 6000
match widget m|^WIDGET ([\\d.]+) on (\\w+)\\r\\n| p/Widget Server/ v/$1/ i/node $2/ o/Linux/ cpe:/a:acme:widget:$1/a
softmatch widget m|^WIDGET |
match gadget m=^\\x01\\0(.)(..)= p/Gadget/ v/$I(2,">")/ i/$P(1)/
Probe TCP Hello q|HELLO\\x00\\r\\n|
rarity 3
ports 7777,8000-8002
sslports 7778
fallback Other
match hello m/^HI_(\\S+)/i p/Hello daemon/ v/$SUBST(1,"_",".")/ d/switch/ h/box/
match bad m|(?=x)y|
match worse m|(a)\\1|
match worst m|a{2000}|
match broken m|(unclosed|
nonsense here
Probe TCP Other q|?|
match other m|^other$|
Probe UDP Ping q|\\xff|
match pong m|^pong| p/Pong/
`

const read = readServiceProbes(FILE)
const protocols = protocolsOf(read)
const recognise = (text: string) =>
  protocols
    .flatMap((p) => p.recognise(Buffer.from(text, 'latin1')) ?? [])
    .sort((a, b) => b.confidence - a.confidence)[0]

test('reads probes, their settings, and counts what cannot be used', () => {
  expect(read.exclude).toBe('T:9100-9107')
  expect(read.probes.map((p) => p.name)).toEqual(['NULL', 'Hello', 'Other', 'Ping'])
  const [, hello] = read.probes
  expect(hello).toMatchObject({ rarity: 3, ports: [7777, 8000, 8001, 8002], sslPorts: [7778], fallback: ['Other'] })
  expect(Buffer.from(hello?.payload ?? []).toString('latin1')).toBe('HELLO\0\r\n')
  expect(read.skipped.map((s) => s.why)).toEqual([
    'look-around',
    'back reference',
    'repeat over 1000',
    expect.stringMatching(/group/i),
    'unknown directive nonsense',
  ])
})

test('fills product, version, info, host, system, device and CPE', () => {
  expect(recognise('WIDGET 2.1 on alpha\r\n')).toMatchObject({
    name: 'widget',
    product: 'Widget Server',
    version: '2.1',
    info: 'node alpha',
    os: 'Linux',
    cpe: ['cpe:2.3:a:acme:widget:2.1:*:*:*:*:*:*:*'],
  })
  expect(recognise('hi_1_2_3')).toMatchObject({
    product: 'Hello daemon',
    version: '1.2.3',
    device: 'switch',
    hostname: 'box',
  })
  expect(recognise('\x01\0A\x01\x02')).toMatchObject({ product: 'Gadget', version: '258', info: 'A' })
})

test('a soft match names the service, and no more', () => {
  const soft = recognise('WIDGET unknown')
  expect(soft).toMatchObject({ name: 'widget', product: null })
  expect(soft?.confidence).toBeLessThan(0.5)
})

test('takes part in a scan', async () => {
  await using server = await talkingServer(null, (asked) =>
    asked.toString('latin1') === 'HELLO\0\r\n' ? 'HI_4_5' : null,
  )
  const detector = createDetector({ protocols })
  const found = await detector.detect({ address: '127.0.0.1', port: server.port, transport: 'tcp' })
  expect(found).toMatchObject({ status: 'identified', service: { product: 'Hello daemon', version: '4.5' } })
})

test('rarity, waits and excluded ports hold in a scan', async () => {
  const asked: string[] = []
  await using server = await talkingServer(null, (question) => {
    asked.push(question.toString('latin1'))
    return null
  })
  const file = (exclude: string) => `Exclude ${exclude}
Probe TCP Often q|OFTEN|
rarity 1
match a m|^A|
Probe TCP Seldom q|SELDOM|
rarity 9
totalwaitms 7000
match b m|^B|
`
  const ask = (exclude: string, mode: 'light' | 'all') => {
    const brought = protocolsOf(readServiceProbes(file(exclude)))
    const target = { address: '127.0.0.1', port: server.port, transport: 'tcp' } as const
    return createDetector({ mode, timeout: 1500, protocols: brought }).detect(target)
  }
  await ask('T:1', 'light')
  expect(new Set(asked.splice(0).filter((q) => /^[A-Z]+$/.test(q)))).toEqual(new Set(['OFTEN']))
  await ask('U:1-65535', 'all')
  expect(new Set(asked.splice(0).filter((q) => /^[A-Z]+$/.test(q)))).toEqual(new Set(['OFTEN', 'SELDOM']))
  await ask('T:1-65535', 'all')
  expect(asked).toEqual([])
  expect(protocolsOf(readServiceProbes(file('T:1'))).map((p) => p.patience)).toEqual([undefined, 7000])
})

describe('patterns', () => {
  const matches = (source: string, text: string, flags = '') => {
    const translated = translatePerl(source, flags)
    return translated.ok ? translated.pattern.exec(Buffer.from(text, 'latin1'))?.[0] : translated.why
  }
  test('mean what they mean in Perl', () => {
    expect(matches('^a.b', 'a\nb')).toBeUndefined()
    expect(matches('^a.b', 'a\nb', 's')).toBe('a\nb')
    expect(matches('end$', 'end\n')).toBe('end\n')
    expect(matches('x\\Z', 'x\n')).toBe('x\n')
    expect(matches('a++b', 'aab')).toBe('aab')
    expect(matches('(?>a|b)c', 'bc')).toBe('bc')
    expect(matches('[[:digit:]]+\\h', '12 ')).toBe('12 ')
    expect(matches('[\\]\\-x]+', ']-x')).toBe(']-x')
    expect(matches('\\xe9', '\xe9')).toBe('\xe9')
    expect(matches('caf\\xE9', 'CAF\xe9', 'i')).toBe('CAF\xe9')
  })

  test('cannot be made to hang', () => {
    for (const bait of ['^(a+)+$', '^(\\w+\\s?)*$', '(.*)*x', '(a|aa)+$']) {
      const started = performance.now()
      matches(bait, `${'a'.repeat(16_000)}!`)
      expect(performance.now() - started).toBeLessThan(2000)
    }
  })

  test('and any text at all, are read without throwing', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.constantFrom('', 'i', 's'), (source, flags) => {
        const translated = translatePerl(source, flags)
        if (translated.ok) translated.pattern.exec(Buffer.from('anything'))
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.nat(FILE.length), fc.string({ unit: 'binary', maxLength: 20 }), (at, noise) => {
        protocolsOf(readServiceProbes(FILE.slice(0, at) + noise + FILE.slice(at))).map((p) =>
          p.recognise(Buffer.from('x')),
        )
      }),
      { numRuns: 100 },
    )
  })
})
